import type { Buffer } from 'node:buffer';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Sink } from './sink.js';

const KEEP_ALIVE_DELAY_MS = 60_000;

/** The headers of every event stream; `x-accel-buffering` keeps nginx from collecting it. */
export const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;

/** Answers with an event stream's head and gives the sink for its body. */
export function openSink(raw: ServerResponse, headers: OutgoingHttpHeaders): Sink {
  // Unchunked and closed by FIN: half the bytes of framing per event, and nginx relays it as it is (RFC 9112 §6.3, rule 8).
  raw.useChunkedEncodingByDefault = false;
  raw.shouldKeepAlive = false;
  raw.writeHead(200, { ...headers, ...STREAM_HEADERS });
  const { socket } = raw;
  return socket instanceof Socket ? new SocketSink(raw, socket) : new ResponseSink(raw);
}

/** Any response Node gives us: `app.inject`, or one that still waits behind another on its connection. */
class ResponseSink implements Sink {
  readonly #raw: ServerResponse;

  constructor(raw: ServerResponse) {
    this.#raw = raw;
    raw.on('error', ignoreLateError);
  }

  get unsent(): number {
    return this.#raw.writableLength;
  }

  write(chunk: Buffer, sent?: () => void): void {
    this.#raw.write(chunk, 'utf8', sent);
  }

  end(last: Buffer): void {
    this.#raw.end(last);
  }

  destroy(): void {
    this.#raw.destroy();
  }

  onClose(listener: () => void): void {
    this.#raw.once('close', listener);
  }
}

/** HTTP/1.1 over a socket: after the head the body is the socket itself, which spares the response's bookkeeping per write. */
class SocketSink implements Sink {
  readonly #raw: ServerResponse;
  readonly #socket: Socket;

  constructor(raw: ServerResponse, socket: Socket) {
    this.#raw = raw;
    this.#socket = socket;
    raw.on('error', ignoreLateError);
    socket.setTimeout(0);
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
    // The head and the frames of the same turn leave in one packet.
    socket.cork();
    raw.flushHeaders();
    process.nextTick(uncork, socket);
  }

  get unsent(): number {
    return this.#socket.writableLength;
  }

  write(chunk: Buffer, sent?: () => void): void {
    this.#socket.write(chunk, sent);
  }

  end(last: Buffer): void {
    // Through the response, so that the server knows it is finished and closes by FIN after the last byte.
    this.#raw.end(last);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  onClose(listener: () => void): void {
    this.#raw.once('close', listener);
  }
}

function uncork(socket: Socket): void {
  socket.uncork();
}

/** A peer that is gone shows as `close`, which has its listener; the error beside it says nothing more. */
function ignoreLateError(): void {}
