import { constants, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import type { Clock } from '../clock.js';

/** Longest time without progress on an answer other than an event stream, ms. */
export const STALL_MS = 72_000;
/** With more of them than this a client does not seem to take any. */
const MANY = 16;

/** The answers of a connection, each with how often it was found not to have moved. */
type Untaken = Map<ServerHttp2Stream, number>;

/** The answers over HTTP/2 that their clients have yet to take; Node keeps each with its request until then. */
export class UntakenAnswers {
  readonly #clock: Clock;
  readonly #bySession = new Map<Http2Session, Untaken>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Cancels an answer once its client takes longer than `STALL_MS` for a piece of it: 64 KiB of a file, else all of it.
   * Node's own time is for the connection, which one that answers PING keeps going.
   */
  add(stream: ServerHttp2Stream): void {
    const { session } = stream;
    if (stream.destroyed || session === undefined) {
      return;
    }
    const untaken: Untaken = this.#bySession.get(session) ?? new Map();
    this.#bySession.set(session, untaken.set(stream, 0));
    const wait = () => this.#clock.setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), STALL_MS);
    let timer = wait();
    stream.on('drain', () => {
      untaken.set(stream, 0);
      this.#clock.clearTimeout(timer);
      timer = wait();
    });
    stream.once('close', () => {
      this.#clock.clearTimeout(timer);
      this.#forget(session, stream);
    });
  }

  /**
   * Cancels what has not moved since the last look, and of a client that has many of them all. Whose client does not even
   * take that has its connection cut.
   * @param isLook whether enough time has passed since the last one
   * @returns how many were cancelled
   */
  giveUp(isLook: boolean): number {
    const late = [...this.#bySession.values()].flatMap((untaken) => {
      if (untaken.size > MANY) {
        return [...untaken.keys()];
      }
      return isLook ? notMoving(untaken) : [];
    });
    for (const stream of late.filter(({ closed }) => closed)) {
      stream.session?.destroy();
    }
    const open = late.filter(({ closed }) => !closed);
    for (const stream of open) {
      stream.close(constants.NGHTTP2_CANCEL);
    }
    return open.length;
  }

  #forget(session: Http2Session, stream: ServerHttp2Stream): void {
    const untaken = this.#bySession.get(session);
    untaken?.delete(stream);
    if (untaken?.size === 0) {
      this.#bySession.delete(session);
    }
  }
}

function notMoving(untaken: Untaken): ServerHttp2Stream[] {
  const late = [...untaken].filter(([, times]) => times > 0);
  for (const [stream, times] of untaken) {
    untaken.set(stream, times + 1);
  }
  return late.map(([stream]) => stream);
}
