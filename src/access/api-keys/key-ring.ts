import { hash } from 'node:crypto';
import { select } from '../../events/selection.js';
import type { Principal } from '../principal.js';
import type { KeyEntry } from './key-list.js';

const SECRET = /^sk_[A-Za-z0-9_-]{43}$/;

/** Whether a credential has the form of an API key: `sk_` and 256 bits in base64url. */
export function isApiKey(credential: string): boolean {
  return SECRET.test(credential);
}

/** What is kept of an API key. A fast hash does: 256 random bits cannot be guessed, so nothing is gained by a slow one. */
export function digestOf(secret: string): string {
  return hash('sha256', secret, 'hex');
}

interface Key {
  readonly principal: Principal;
  /** Aborted when the key is removed or allows something else. */
  readonly revocation: AbortController;
}

/** The API keys that hold at the moment. */
export class KeyRing {
  #keys: ReadonlyMap<string, Key> = new Map();

  get size(): number {
    return this.#keys.size;
  }

  /**
   * Whose key it is. Found by its hash: how long that takes tells of the hash at most, and nobody can choose a secret by
   * its hash, so no comparison in constant time is needed.
   */
  find(secret: string): Principal | undefined {
    return this.#keys.get(digestOf(secret))?.principal;
  }

  /** From now on these hold; what was opened with a key that is gone or allows something else is revoked. */
  replace(entries: readonly KeyEntry[]): void {
    const before = this.#keys;
    const next = entries.map((entry): [string, Key] => [entry.sha256, renew(before.get(entry.sha256), entry)]);
    this.#keys = new Map(next);
    for (const [sha256, { revocation }] of before) {
      if (this.#keys.get(sha256)?.revocation !== revocation) {
        revocation.abort();
      }
    }
  }
}

/** What stays the same keeps what was opened with it. */
function renew(known: Key | undefined, { name, publish, subscribe, rate }: KeyEntry): Key {
  const rights = { publish: select(publish), subscribe: select(subscribe) };
  const id = `key:${name}`;
  const old = known?.principal;
  const isSame =
    old?.id === id &&
    old.rights.publish.key === rights.publish.key &&
    old.rights.subscribe.key === rights.subscribe.key;
  const revocation = known !== undefined && isSame ? known.revocation : new AbortController();
  const principal = { id, rights, lease: { revoked: revocation.signal }, ...(rate !== undefined && { rate }) };
  return { principal, revocation };
}
