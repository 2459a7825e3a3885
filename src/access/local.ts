import type { IncomingHttpHeaders } from 'node:http';
import { SluiceError } from '../errors.js';
import { isLoopbackAddress } from '../limits/address.js';
import type { Sender } from './credentials.js';
import { isLoopbackHost, isLoopbackOrigin } from './loopback.js';

/** What proxies add beside `X-Forwarded-*`. */
const FORWARDING = ['forwarded', 'via', 'x-real-ip', 'x-client-ip', 'x-original-host', 'cf-connecting-ip'];
const WAYS_ON = 'configure API keys or tokens to let others in, or say AUTH=off to let everybody in';

/** Whether a proxy has passed the request on, as far as it says so. */
export function isForwarded(headers: IncomingHttpHeaders): boolean {
  return FORWARDING.some((name) => headers[name] !== undefined) || Object.keys(headers).some(isForwardedHeader);
}

function isForwardedHeader(name: string): boolean {
  return name.startsWith('x-forwarded-');
}

/**
 * Lets through only what a program or page of this machine sent itself: no page of the web, also not by a name that
 * it has made point here (DNS rebinding), and nothing that a proxy passes on from elsewhere.
 * @param isNamed whether the settings name an origin as welcome
 * @throws SluiceError 403 for anything else
 */
export function checkLocal(host: string, sender: Sender, isNamed: (origin: string) => boolean): void {
  const problem = problemWith(host, sender, isNamed);
  if (problem !== undefined) {
    throw new SluiceError('SLUICE_LOCAL_ONLY', 403, `open to this machine only, and ${problem}: ${WAYS_ON}`);
  }
}

function problemWith(host: string, { headers, httpVersion, socket }: Sender, isNamed: (origin: string) => boolean) {
  const { origin } = headers;
  if (!isLoopbackHost(host)) {
    return 'the Host is not localhost';
  }
  if (isForwarded(headers)) {
    return 'a proxy has passed this request on';
  }
  // What nginx before 1.29.7 speaks to what stands behind it, and it says nothing else of itself.
  if (httpVersion === '1.0') {
    return 'this request is HTTP/1.0, as a proxy passes it on (without one, use HTTP/1.1)';
  }
  if (!isOfThisMachine(socket)) {
    return 'this request comes from another one';
  }
  if (origin !== undefined && !isLoopbackOrigin(origin) && !isNamed(origin)) {
    return 'a page of another origin sent this request';
  }
  return origin === undefined && isCrossSite(headers['sec-fetch-site']) ? 'another site sent this request' : undefined;
}

/**
 * Over the loopback, or a Unix socket, neither end of which has an address. A client that has reset its connection has none
 * either any more, wherever it was.
 */
function isOfThisMachine({ remoteAddress, localAddress, destroyed }: Sender['socket']): boolean {
  return remoteAddress === undefined ? localAddress === undefined && !destroyed : isLoopbackAddress(remoteAddress);
}

/** A page's own requests are `same-origin`, those that a person makes `none`; programs send no such header. */
function isCrossSite(site: string | string[] | undefined): boolean {
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}
