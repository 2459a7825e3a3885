import type { IncomingMessage } from 'node:http';
import { constants, Http2ServerRequest } from 'node:http2';
import type { Clock } from '../clock.js';
import { SluiceError } from '../errors.js';

/** Time for the answer to leave before the stream is cut. */
const LINGER_MS = 1000;

/**
 * Gives the body of an HTTP/2 request `ms` to arrive, as Node does for HTTP/1.1 only: one that is late is answered 408.
 * A body that an answer did not wait for is not waited for either.
 */
export function expectBody(request: IncomingMessage | Http2ServerRequest, clock: Clock, ms: number): void {
  if (!(request instanceof Http2ServerRequest) || request.stream.endAfterHeaders) {
    return;
  }
  const { stream } = request;
  let timer = clock.setTimeout(() => {
    request.destroy(new SluiceError('SLUICE_REQUEST_TIMEOUT', 408, 'the request took too long to arrive'));
    timer = clock.setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), LINGER_MS);
  }, ms);
  // Who waits for the body hears of the error; when nobody does, there is no more to say.
  request.on('error', () => {});
  stream.once('end', () => clock.clearTimeout(timer));
  stream.once('close', () => clock.clearTimeout(timer));
  // Asks the client to stop sending, without harm to the answer (RFC 9113 §8.1).
  stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR));
}
