/** Tells a client how to sign in, and what was wrong with how it did, if it did (RFC 6750 §3). */
export function challenge(error?: 'invalid_token' | 'insufficient_scope'): Record<string, string> {
  const scheme = 'Bearer realm="sluice"';
  return { 'www-authenticate': error === undefined ? scheme : `${scheme}, error="${error}"` };
}
