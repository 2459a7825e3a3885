import type { Clock, Timer } from '../clock.js';
import type { Connection } from './connection.js';

const SLOTS = 100;

/**
 * Reaches every connection once per interval, a slot of them at a time, so that heartbeats never come in one burst.
 * A connection that joins gets its first after half an interval to a whole one. No timer runs while there are none.
 */
export class Heartbeats {
  readonly #clock: Clock;
  readonly #tickMs: number;
  readonly #beat: (connections: ReadonlySet<Connection>) => void;
  readonly #slots = Array.from({ length: SLOTS }, () => new Set<Connection>());
  #size = 0;
  #current = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, intervalMs: number, beat: (connections: ReadonlySet<Connection>) => void) {
    this.#clock = clock;
    this.#tickMs = intervalMs / SLOTS;
    this.#beat = beat;
  }

  add(connection: Connection): void {
    const ahead = Math.ceil((SLOTS / 2) * (1 + Math.random()));
    connection.slot = (this.#current + ahead) % SLOTS;
    this.#slots[connection.slot]?.add(connection);
    this.#size++;
    this.#timer ??= this.#clock.setInterval(() => this.#tick(), this.#tickMs);
  }

  delete(connection: Connection): void {
    if (this.#slots[connection.slot]?.delete(connection)) {
      this.#size--;
    }
    if (this.#size === 0) {
      this.#clock.clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #tick(): void {
    this.#current = (this.#current + 1) % SLOTS;
    const slot = this.#slots[this.#current] as Set<Connection>;
    if (slot.size > 0) {
      this.#beat(slot);
    }
  }
}
