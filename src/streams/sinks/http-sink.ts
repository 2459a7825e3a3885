import type { Buffer } from 'node:buffer';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Http2ServerResponse } from 'node:http2';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { openHttp2Sink } from './http2-sink.js';
import type { Sink } from './sink.js';

const KEEP_ALIVE_DELAY_MS = 60_000;

/** The headers of every event stream; `x-accel-buffering` keeps nginx from collecting it. */
export const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
} as const;

/**
 * Answers with an event stream's head.
 * @throws TypeError for a header that cannot be sent; nothing is sent then
 */
export function writeStreamHead(raw: ServerResponse, headers: OutgoingHttpHeaders): void {
  // HTTP/1.1 unchunked and closed by FIN: half the bytes of framing per event, nginx relays it as it is (RFC 9112 §6.3, rule 8).
  raw.useChunkedEncodingByDefault = false;
  raw.shouldKeepAlive = false;
  raw.writeHead(200, { ...headers, ...STREAM_HEADERS });
}

/**
 * Hands over the sink for the body of an event stream whose head is written. It never does for a client that has left, as
 * nobody would tell that its stream closed.
 */
export function openSink(raw: ServerResponse, opened: (sink: Sink) => void): void {
  if (raw instanceof Http2ServerResponse) {
    openHttp2Sink(raw, opened);
  } else if (raw.socket === null) {
    // A host's hook can refuse a stream before its turn to answer has come.
    raw.once('socket', () => process.nextTick(handOver, raw, opened));
  } else {
    handOver(raw, opened);
  }
}

function handOver(raw: ServerResponse, opened: (sink: Sink) => void): void {
  const { socket } = raw;
  if (socket && !socket.destroyed) {
    opened(socket instanceof Socket ? new SocketSink(raw, socket) : new ResponseSink(raw));
  }
}

/** A response that is no plain socket: that of `app.inject`. */
class ResponseSink implements Sink {
  readonly outlet: ServerResponse;

  constructor(raw: ServerResponse) {
    this.outlet = raw;
    raw.on('error', ignoreLateError);
  }

  end(last: Buffer): void {
    this.outlet.end(last);
  }

  destroy(): void {
    this.outlet.destroy();
  }

  onClose(listener: () => void): void {
    this.outlet.once('close', listener);
  }
}

/** HTTP/1.1 over a socket: after the head the body is the socket itself, which spares the response's bookkeeping per write. */
class SocketSink implements Sink {
  readonly outlet: Socket;
  readonly #raw: ServerResponse;

  constructor(raw: ServerResponse, socket: Socket) {
    this.outlet = socket;
    this.#raw = raw;
    raw.on('error', ignoreLateError);
    socket.setTimeout(0);
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
    // The head and the frames of the same turn leave in one packet.
    socket.cork();
    raw.flushHeaders();
    process.nextTick(uncork, socket);
  }

  end(last: Buffer): void {
    // Through the response, so that the server knows it is finished and closes by FIN after the last byte.
    this.#raw.end(last);
  }

  destroy(): void {
    // With something unsent a FIN would pass off what got through, half a frame at its end, as the whole (RFC 9112 §6.3).
    const isCut = this.outlet.writableLength > 0;
    isCut && isTcp(this.outlet) ? this.outlet.resetAndDestroy() : this.outlet.destroy();
  }

  onClose(listener: () => void): void {
    this.#raw.once('close', listener);
  }
}

/** Others cannot be reset: TLS shows its end by itself, a Unix socket has no way to. */
function isTcp(socket: Socket): boolean {
  return socket.remoteFamily !== undefined && !(socket instanceof TLSSocket);
}

function uncork(socket: Socket): void {
  socket.uncork();
}

/** A peer that is gone shows as `close`, which has its listener; the error beside it says nothing more. */
function ignoreLateError(): void {}
