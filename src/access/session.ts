import type { IncomingHttpHeaders } from 'node:http';
import { parseCookie, stringifySetCookie } from 'cookie';
import { SluiceError } from '../errors.js';
import { SAFE_METHODS } from '../methods.js';
import { isForwarded } from './local.js';
import { isLoopbackHost } from './loopback.js';

/** How the server was asked, as a browser sees it: its own scheme, host and port. */
export interface Address {
  readonly protocol: string;
  readonly host: string;
}

/** Browsers keep cookies up to 4,096 bytes with their name, and drop others without a word. */
const MAX_TOKEN_LENGTH = 4000;
const SIGN_IN_SAFELY =
  'signing in needs https: set TLS_CERT and TLS_KEY; or where a proxy in front does TLS, name it in TRUST_PROXY and let it set X-Forwarded-Proto';

/** Over https a name that browsers accept from this very host over https only (RFC 6265bis §4.1.3.2). */
function nameOf({ protocol }: Address): string {
  return protocol === 'https' ? '__Host-sluice' : 'sluice';
}

/** The API key or token that the session cookie holds. */
export function sessionOf(header: string | undefined, address: Address): string | undefined {
  return header === undefined ? undefined : parseCookie(header)[nameOf(address)];
}

/**
 * The cookie that signs a browser in. It holds the key or token itself: there is nothing on the server to be lost in a
 * restart, and it holds no longer than that.
 * @param maxAge seconds; left out, until the browser is closed
 */
export function sessionCookie(token: string, address: Address, maxAge?: number): string {
  return stringifySetCookie(nameOf(address), token, { ...attributesFor(address), ...(maxAge && { maxAge }) });
}

/** The cookie that signs it out. */
export function clearedCookie(address: Address): string {
  return stringifySetCookie(nameOf(address), '', { ...attributesFor(address), maxAge: 0 });
}

function attributesFor({ protocol }: Address) {
  return { path: '/', secure: protocol === 'https', httpOnly: true, sameSite: 'strict' } as const;
}

/** @throws SluiceError 400 where a session cookie would go over an open network, or would not be kept */
export function checkSession(token: string, { protocol, host }: Address, headers: IncomingHttpHeaders): void {
  if (protocol !== 'https' && (!isLoopbackHost(host) || isForwarded(headers))) {
    throw sessionRefused(SIGN_IN_SAFELY);
  }
  if (token.length > MAX_TOKEN_LENGTH) {
    throw sessionRefused(
      `the token has ${token.length} bytes, and a cookie keeps ${MAX_TOKEN_LENGTH}: have one issued with fewer patterns`,
    );
  }
}

export function sessionRefused(message: string): SluiceError {
  return new SluiceError('SLUICE_SESSION_REFUSED', 400, message);
}

/**
 * A browser sends the cookie along whoever makes it send the request, so what changes something must come from a page
 * of this server (CSRF). Browsers say so in Sec-Fetch-Site; older ones in Origin.
 * @throws SluiceError 403 otherwise
 */
export function checkSameOrigin(method: string, { protocol, host }: Address, headers: IncomingHttpHeaders): void {
  const site = headers['sec-fetch-site'];
  const isOwn = site === undefined ? headers.origin === `${protocol}://${host}` : site === 'same-origin';
  if (!isOwn && !SAFE_METHODS.has(method)) {
    const message = 'with the session cookie only pages of this server may do that; send Authorization: Bearer instead';
    throw new SluiceError('SLUICE_CROSS_SITE', 403, message);
  }
}
