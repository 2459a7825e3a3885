import { constants, type Http2ServerResponse, type ServerHttp2Stream } from 'node:http2';
import type { Sink } from './sink.js';

/** Hands over the sink for the body of an event stream whose head is written, unless the client has left already. */
export function openHttp2Sink({ stream }: Http2ServerResponse, opened: (sink: Sink) => void): void {
  if (!stream.destroyed) {
    opened(new Http2Sink(stream));
  }
}

/**
 * One stream of an HTTP/2 connection. What is unsent is its own: while its client takes nothing, flow control
 * (RFC 9113 §5.2) holds it alone, and the other streams of the connection go on.
 */
class Http2Sink implements Sink {
  readonly outlet: ServerHttp2Stream;

  constructor(stream: ServerHttp2Stream) {
    this.outlet = stream;
  }

  end(last: Buffer): void {
    this.outlet.end(last);
  }

  destroy(): void {
    // Without a code the client would take what it has got for the whole answer (RFC 9113 §8.1).
    this.outlet.close(constants.NGHTTP2_CANCEL);
    this.outlet.destroy();
  }

  onClose(listener: () => void): void {
    this.outlet.once('close', listener);
  }
}
