import type { Clock, Timer } from '../../clock.js';
import type { Connection } from '../connection.js';

const CHECK_MS = 1000;
/** A connection of which nothing was sent for this long is slow, however little is unsent. */
export const STALL_MS = 30_000;

interface Progress {
  sent: number;
  /** Checks in a row that found nothing sent: unlike the time of day these cannot jump, nor pass while the process stands still. */
  stalled: number;
}

/** Watches the few connections that have unsent bytes, and tells of those that are slow. */
export class Backpressure {
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #slow: (connection: Connection) => void;
  readonly #progress = new Map<Connection, Progress>();
  #timer: Timer | undefined;

  /** @param maxBytes unsent bytes of earlier deliveries over which a connection is slow */
  constructor(clock: Clock, maxBytes: number, slow: (connection: Connection) => void) {
    this.#clock = clock;
    this.#maxBytes = maxBytes;
    this.#slow = slow;
  }

  /** From now on it is slow when nothing gets out of what is unsent, if anything is. */
  track(connection: Connection): void {
    if (connection.outlet.writableLength > 0) {
      this.#add(connection);
    }
  }

  /** Something is unsent after a write of `chunk`: what is older than that may not exceed the limit. */
  written(connection: Connection, chunk: Buffer): void {
    if (connection.outlet.writableLength - chunk.length > this.#maxBytes) {
      this.#slow(connection);
    } else {
      this.#add(connection);
    }
  }

  delete(connection: Connection): void {
    this.#progress.delete(connection);
    if (this.#progress.size === 0) {
      this.#clock.clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #add(connection: Connection): void {
    if (!this.#progress.has(connection)) {
      this.#progress.set(connection, { sent: sentBy(connection), stalled: 0 });
      this.#timer ??= this.#clock.setInterval(() => this.#check(), CHECK_MS);
    }
  }

  #check(): void {
    for (const [connection, progress] of this.#progress) {
      const sent = sentBy(connection);
      if (connection.outlet.writableLength === 0) {
        this.delete(connection);
      } else if (sent !== progress.sent) {
        Object.assign(progress, { sent, stalled: 0 });
      } else if (++progress.stalled * CHECK_MS >= STALL_MS) {
        this.delete(connection);
        this.#slow(connection);
      }
    }
  }
}

function sentBy(connection: Connection): number {
  return connection.bytes - connection.outlet.writableLength;
}
