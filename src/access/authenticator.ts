import { existsSync } from 'node:fs';
import type { Clock } from '../clock.js';
import { ConfigError } from '../errors.js';
import { KeyFile, type KeyReport } from './api-keys/key-file.js';
import { isApiKey } from './api-keys/key-ring.js';
import { badCredential } from './errors.js';
import type { Principal } from './principal.js';
import type { KeySetReport } from './tokens/key-set.js';
import { type TokenSettings, Tokens } from './tokens/tokens.js';

interface AuthenticatorSettings extends TokenSettings {
  readonly authKeysFile: string;
}

/** Told of what keys and tokens are verified by. */
export type CredentialReport = KeyReport & KeySetReport;

/** Finds out whose credential it is. */
export class Authenticator {
  readonly #keys: KeyFile | undefined;
  readonly #tokens: Tokens | undefined;

  private constructor(keys: KeyFile | undefined, tokens: Tokens | undefined) {
    this.#keys = keys;
    this.#tokens = tokens;
  }

  /** @throws ConfigError for keys that cannot be used */
  static async open(settings: AuthenticatorSettings, clock: Clock, report: CredentialReport): Promise<Authenticator> {
    const { authKeysFile, authJwtKey, authJwtSecret } = settings;
    const tokens =
      authJwtKey === '' && authJwtSecret === ''
        ? undefined
        : await attempt(authJwtKey === '' ? 'AUTH_JWT_SECRET' : `AUTH_JWT_KEY${shown(authJwtKey)}`, () =>
            Tokens.open(settings, clock, report),
          );
    const keys =
      authKeysFile === ''
        ? undefined
        : await attempt(`AUTH_KEYS_FILE (${authKeysFile})`, () => new KeyFile(authKeysFile, clock, report));
    return new Authenticator(keys, tokens);
  }

  /**
   * Whose API key or token it is.
   * @throws SluiceError 401 when it is nobody's or does not hold, 503 when that cannot be found out
   */
  identify(credential: string): Principal | Promise<Principal> {
    if (!isApiKey(credential) && this.#tokens !== undefined) {
      return this.#tokens.verify(credential);
    }
    const principal = this.#keys?.find(credential);
    if (principal === undefined) {
      throw badCredential('nobody has this key: it was removed, or was never one');
    }
    return principal;
  }

  close(): void {
    this.#keys?.close();
  }
}

/** Only where it names a file: it may be a secret that was put into the wrong setting. */
function shown(file: string): string {
  return existsSync(file) ? ` (${file})` : '';
}

async function attempt<T>(what: string, open: () => T | Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    throw new ConfigError(`${what} cannot be used: ${reasonOf(error as NodeJS.ErrnoException)}`);
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  return code === 'ENOENT' ? 'there is no such file; npx sluice-key makes one' : message;
}
