import type { SluiceError } from '../errors.js';
import type { Selection } from '../events/selection.js';
import type { Lease } from '../streams/ends/lease.js';
import { badCredential } from './errors.js';
import { ALL, NONE, type Rights } from './rights.js';

/** Who a request is from, and what that allows. */
export interface Principal {
  /** `local`, `anonymous`, `key:<name>` or `jwt:<iss>:<sub>`. Fit for logs: one line, and never a secret. */
  readonly id: string;
  readonly rights: Rights;
  /** Publishes a second, where its key says so. */
  readonly rate?: number;
  /** How long it holds. Left out: for good. */
  readonly lease?: Lease;
}

const EVERYTHING: Rights = { publish: ALL, subscribe: ALL };
const ANONYMOUS = 'anonymous';

/** Everyone, where only this machine gets through. */
export const LOCAL: Principal = { id: 'local', rights: EVERYTHING };
/** Everyone, where nobody is asked. */
export const ANYONE: Principal = { id: ANONYMOUS, rights: EVERYTHING };

/** Everyone who has not signed in, where others have: may read what is public. */
export function anonymous(subscribe: Selection): Principal {
  return { id: ANONYMOUS, rights: { publish: NONE, subscribe } };
}

export function isAnonymous({ id }: Principal): boolean {
  return id === ANONYMOUS;
}

/** The id of a principal that has signed in; undefined for the others, who cannot be told apart. */
export function signedIn(principal: Principal): string | undefined {
  return principal === LOCAL || isAnonymous(principal) ? undefined : principal.id;
}

/** The error of a principal whose key was taken back, or whose token has expired, since it was let in. */
export function problemOfLease({ lease }: Principal, now: number): SluiceError | undefined {
  const isExpired = lease?.expiresAt !== undefined && now >= lease.expiresAt;
  const isOver = isExpired || lease?.revoked?.aborted === true;
  return isOver ? badCredential('the key or token does not hold any more') : undefined;
}
