import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { badCredential } from './errors.js';

/** What is read of a request; the same in HTTP/1.1 and HTTP/2. */
export interface Sender {
  readonly headers: IncomingHttpHeaders;
  /** Names and values by turns, as they came. */
  readonly rawHeaders: readonly string[];
  readonly httpVersion: string;
  /** The connection that it came over. */
  readonly socket: Pick<Socket, 'remoteAddress' | 'localAddress' | 'destroyed'>;
}

const BEARER = /^bearer +([\x21-\x7e]+)$/i;

/**
 * The API key or token in `Authorization: Bearer` (RFC 6750 §2.1), if the header is there.
 * @throws SluiceError 401 for more than one such header, another scheme, or what no key or token can be
 */
export function bearerOf({ headers, rawHeaders }: Sender): string | undefined {
  const { authorization } = headers;
  if (authorization === undefined) {
    return undefined;
  }
  // Node shows the first and drops the others; whoever stands in front may have looked at another.
  if (countOf(rawHeaders, 'authorization') > 1) {
    throw badCredential('there is more than one Authorization header');
  }
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) {
    throw badCredential('Authorization must be the word Bearer, a space, and an API key or token without spaces');
  }
  return token;
}

function countOf(rawHeaders: readonly string[], wanted: string): number {
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === wanted).length;
}
