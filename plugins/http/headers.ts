import type { IncomingMessage } from 'node:http';
import fp from 'fastify-plugin';
import { SluiceError } from '../../src/errors.js';
import { MAX_HEADER_BYTES, sizeOfHeaders } from '../../src/limits/header-size.js';

/** Browsers behind a few proxies send about forty. Node would drop what is over its own limit without a word. */
const MAX_HEADERS = 100;
/** A target that is a whole URL, and its authority. */
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i;

/**
 * A bound on the number of headers (RFC 6585 §5), and over HTTP/2 on their size in all, which Node bounds in HTTP/1.1 alone. And
 * one Host, neither more nor, over HTTP/1.1, less (RFC 9112 §3.2): whoever stands in front may have looked at another. For the
 * same reason another in the target is refused, where §3.2.2 would have it win.
 */
export default fp(
  async (app) => {
    app.addHook('onRequest', (request, _reply, done) => done(problemOf(request.raw)));
  },
  { name: 'sluice-headers', dependencies: ['sluice-cors', 'sluice-security-headers'] },
);

function problemOf(raw: IncomingMessage): SluiceError | undefined {
  if (raw.rawHeaders.length > 2 * MAX_HEADERS) {
    return new SluiceError('SLUICE_HEADERS_TOO_LARGE', 431, `the request has more than ${MAX_HEADERS} headers`);
  }
  if (raw.httpVersionMajor === 2 && sizeOfHeaders(raw) > MAX_HEADER_BYTES) {
    return new SluiceError('SLUICE_HEADERS_TOO_LARGE', 431, `the headers are larger than ${MAX_HEADER_BYTES} bytes`);
  }
  if (raw.httpVersion === '1.1' && raw.headers.host === undefined) {
    return new SluiceError('SLUICE_MALFORMED_REQUEST', 400, 'the request names no host');
  }
  return hasOneHost(raw)
    ? undefined
    : new SluiceError('SLUICE_MALFORMED_REQUEST', 400, 'the request names more than one host');
}

/** Node shows the first Host, and beside it what HTTP/2 has in its place (RFC 9113 §8.3.1). */
function hasOneHost({ headers, rawHeaders, url = '' }: IncomingMessage): boolean {
  const { host, ':authority': authority = host } = headers;
  const isRepeated = rawHeaders.filter(isHost).length > 1;
  const [, target = host] = ABSOLUTE.exec(url) ?? [];
  return !isRepeated && (host === undefined || (host === authority && isSame(host, target)));
}

function isSame(host: string, target: string | undefined): boolean {
  return host.toLowerCase() === target?.toLowerCase();
}

/** Names and values by turns. */
function isHost(text: string, index: number): boolean {
  return index % 2 === 0 && text.length === 4 && text.toLowerCase() === 'host';
}
