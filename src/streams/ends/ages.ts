import type { Clock, Timer } from '../../clock.js';
import type { Connection } from '../connection.js';

/** Ends connections of a certain age, each at 90 to 100 % of it, so that they do not come back together. */
export class Ages {
  readonly #clock: Clock;
  readonly #maxMs: number;
  readonly #end: (connection: Connection) => void;
  readonly #timers = new Map<Connection, Timer>();

  /** @param maxMs age at which a connection is ended; 0 for never */
  constructor(clock: Clock, maxMs: number, end: (connection: Connection) => void) {
    this.#clock = clock;
    this.#maxMs = maxMs;
    this.#end = end;
  }

  add(connection: Connection): void {
    if (this.#maxMs > 0) {
      const ms = this.#maxMs * (0.9 + 0.1 * Math.random());
      this.#timers.set(
        connection,
        this.#clock.setTimeout(() => this.#end(connection), ms),
      );
    }
  }

  delete(connection: Connection): void {
    this.#clock.clearTimeout(this.#timers.get(connection));
    this.#timers.delete(connection);
  }
}
