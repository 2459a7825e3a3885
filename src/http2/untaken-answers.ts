import { constants, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import type { Clock } from '../clock.js';
import { PATIENCE_MS } from '../limits/load.js';

/** Longest time without progress on an answer other than an event stream, ms. */
export const STALL_MS = 72_000;
/** With more of them than this a connection does not seem to take any. */
const MANY = 16;

/** The answers over HTTP/2 that their clients have yet to take; Node keeps each with its request until then. */
export class UntakenAnswers {
  readonly #clock: Clock;
  /** With the time when each was given. */
  readonly #bySession = new Map<Http2Session, Map<ServerHttp2Stream, number>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Cancels an answer once its client takes longer than `STALL_MS` for a piece of it: 64 KiB of a file, else all of it.
   * Node's own time is for the connection, which one that answers PING keeps going.
   */
  add(stream: ServerHttp2Stream): void {
    if (stream.destroyed) {
      return;
    }
    const wait = () => this.#clock.setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), STALL_MS);
    let timer = wait();
    const forget = this.#note(stream);
    stream.on('drain', () => {
      this.#clock.clearTimeout(timer);
      timer = wait();
    });
    stream.once('close', () => {
      this.#clock.clearTimeout(timer);
      forget();
    });
  }

  /** Cuts the connections that have not taken many answers, or one for a while. @returns how many */
  cut(): number {
    const before = this.#clock.elapsed() - PATIENCE_MS;
    const late = [...this.#bySession].filter(([, given]) => given.size > MANY || Math.min(...given.values()) < before);
    for (const [session] of late) {
      session.destroy();
    }
    return late.length;
  }

  #note(stream: ServerHttp2Stream): () => void {
    const { session } = stream;
    if (session === undefined) {
      return () => {};
    }
    const given = this.#bySession.get(session) ?? new Map<ServerHttp2Stream, number>();
    this.#bySession.set(session, given.set(stream, this.#clock.elapsed()));
    return () => {
      given.delete(stream);
      if (given.size === 0) {
        this.#bySession.delete(session);
      }
    };
  }
}
