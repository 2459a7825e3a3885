import type { Clock, Timer } from '../clock.js';
import type { Connection } from './connection.js';

const CHECK_MS = 1000;
/** A connection of which nothing was sent for this long is stalled. */
export const STALL_MS = 30_000;

interface Progress {
  sent: number;
  since: number;
}

/** Watches the few connections that have unsent bytes, and reports those that get nothing out any more. */
export class Backlog {
  readonly #clock: Clock;
  readonly #stalled: (connection: Connection) => void;
  readonly #progress = new Map<Connection, Progress>();
  #timer: Timer | undefined;

  constructor(clock: Clock, stalled: (connection: Connection) => void) {
    this.#clock = clock;
    this.#stalled = stalled;
  }

  add(connection: Connection): void {
    if (!this.#progress.has(connection)) {
      this.#progress.set(connection, { sent: sentBy(connection), since: this.#clock.now() });
      this.#timer ??= this.#clock.setInterval(() => this.#check(), CHECK_MS);
    }
  }

  delete(connection: Connection): void {
    this.#progress.delete(connection);
    if (this.#progress.size === 0 && this.#timer !== undefined) {
      this.#clock.clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #check(): void {
    const now = this.#clock.now();
    for (const [connection, progress] of this.#progress) {
      const sent = sentBy(connection);
      if (connection.sink.outlet.writableLength === 0) {
        this.delete(connection);
      } else if (sent !== progress.sent) {
        Object.assign(progress, { sent, since: now });
      } else if (now - progress.since >= STALL_MS) {
        this.delete(connection);
        this.#stalled(connection);
      }
    }
  }
}

function sentBy(connection: Connection): number {
  return connection.bytes - connection.sink.outlet.writableLength;
}
