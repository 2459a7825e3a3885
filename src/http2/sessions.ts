import type { Http2SecureServer, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../clock.js';

/** Time between two signs of life that a client is asked for. */
const PING_INTERVAL_MS = 30_000;
/** A client that has left so many unanswered is gone, however much the kernel still holds for it. */
const MAX_UNANSWERED = 2;
/** A connection without a stream for so long is not needed any more. */
const IDLE_MS = 72_000;

interface Peer {
  readonly session: ServerHttp2Session;
  readonly socket: TLSSocket;
  /** Streams that are open, one for each request under way. */
  streams: number;
  unanswered: number;
}

/**
 * The HTTP/2 connections of a server. Each is asked for a sign of life (PING, RFC 9113 §6.7), which a client that does
 * not read, or is gone without a word, does not give: its connection is cut.
 */
export class Sessions {
  readonly #clock: Clock;
  readonly #peers = new Set<Peer>();

  constructor(server: Http2SecureServer, clock: Clock) {
    this.#clock = clock;
    // A session hides its socket, and without it a session that cannot send cannot be ended.
    let opening: TLSSocket | undefined;
    server.prependListener('secureConnection', (socket: TLSSocket) => {
      opening = socket;
    });
    server.on('session', (session: ServerHttp2Session) => this.#open(session, opening as TLSSocket));
    const timer = clock.setInterval(() => this.#ping(), PING_INTERVAL_MS);
    server.once('close', () => clock.clearInterval(timer));
  }

  /** Says goodbye to each client (GOAWAY, RFC 9113 §6.8): what is under way is finished, nothing new begins. */
  close(): void {
    for (const { session } of this.#peers) {
      session.close();
    }
  }

  #open(session: ServerHttp2Session, socket: TLSSocket): void {
    const peer = { session, socket, streams: 0, unanswered: 0 };
    this.#peers.add(peer);
    // The server's own time is for HTTP/1.1; a quiet stream is no reason to end here.
    session.setTimeout(0);
    session.once('close', () => this.#peers.delete(peer));
    this.#closeWhenIdle(peer);
  }

  #closeWhenIdle(peer: Peer): void {
    const { session } = peer;
    const wait = () => this.#clock.setTimeout(() => session.close(), IDLE_MS);
    let timer = wait();
    const ended = () => {
      peer.streams--;
      if (peer.streams === 0 && !session.destroyed) {
        timer = wait();
      }
    };
    session.on('stream', (stream: ServerHttp2Stream) => {
      peer.streams++;
      this.#clock.clearTimeout(timer);
      stream.once('close', ended);
    });
    session.once('close', () => this.#clock.clearTimeout(timer));
  }

  #ping(): void {
    for (const peer of this.#peers) {
      // Once either side has said goodbye Node sends no PING, and what is under way still is.
      if (!peer.session.closed || peer.streams === 0) {
        ask(peer);
      }
    }
  }
}

/** Asks for a sign of life, and cuts off who has been asked in vain. */
function ask(peer: Peer): void {
  const { session, socket } = peer;
  if (peer.unanswered === MAX_UNANSWERED) {
    socket.destroy();
    return;
  }
  peer.unanswered++;
  if (!session.destroyed) {
    session.ping((error) => {
      peer.unanswered = error === null ? 0 : peer.unanswered;
    });
  }
}
