import { SluiceError } from '../errors.js';

/** The error of a request that must come with a credential. */
export function unauthorized(message: string): SluiceError {
  return new SluiceError('SLUICE_UNAUTHORIZED', 401, message, challenge());
}

/** The error of a credential that is there and does not hold. It never shows the credential. */
export function badCredential(message: string): SluiceError {
  return new SluiceError('SLUICE_UNAUTHORIZED', 401, message, challenge('invalid_token'));
}

/** That of a token that did hold until its end: nobody guesses with it. */
export class ExpiredError extends SluiceError {
  constructor(message: string) {
    super('SLUICE_UNAUTHORIZED', 401, message, challenge('invalid_token'));
  }
}

/** The error of a right that is missing. It names the right, never who asked or with what. */
export function forbidden(right: 'publish' | 'subscribe', on: string): SluiceError {
  return new SluiceError('SLUICE_FORBIDDEN', 403, `missing right: ${right} on ${on}`, challenge('insufficient_scope'));
}

/** Tells a client how to sign in, and what was wrong with how it did, if it did (RFC 6750 §3). */
function challenge(error?: 'invalid_token' | 'insufficient_scope'): Record<string, string> {
  const scheme = 'Bearer realm="sluice"';
  return { 'www-authenticate': error === undefined ? scheme : `${scheme}, error="${error}"` };
}
