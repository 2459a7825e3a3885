import type { Clock, Timer } from '../clock.js';
import type { Connection } from './connection.js';

const SLOTS = 100;

/**
 * Reaches every connection once per interval, a slot of them at a time, so that heartbeats do not come in one burst, but after a standstill.
 * A connection that joins gets its first after half an interval to a whole one. No timer runs while there are none.
 */
export class Heartbeats {
  readonly #clock: Clock;
  readonly #tickMs: number;
  readonly #beat: (connections: ReadonlySet<Connection>) => void;
  readonly #slots = Array.from({ length: SLOTS }, () => new Set<Connection>());
  #size = 0;
  #current = 0;
  /** When the next slot has its turn, by the clock's `elapsed`. */
  #dueAt = 0;
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
    if (this.#timer === undefined) {
      this.#dueAt = this.#clock.elapsed() + this.#tickMs;
      this.#timer = this.#clock.setInterval(() => this.#tick(), this.#tickMs);
    }
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

  /**
   * Serves the slots that are due by now, each once. A timer is late by whatever keeps the process busy, and counts on from
   * there: a slot for each of its calls would make an interval a hundred times that longer.
   */
  #tick(): void {
    const now = this.#clock.elapsed();
    const due = Math.min(Math.floor((now - this.#dueAt) / this.#tickMs) + 1, SLOTS);
    for (let left = due; left > 0; left--) {
      this.#serveNext();
    }
    // After a standstill of more than an interval nobody is owed two.
    this.#dueAt = Math.max(this.#dueAt + due * this.#tickMs, now);
  }

  #serveNext(): void {
    this.#current = (this.#current + 1) % SLOTS;
    const slot = this.#slots[this.#current] as Set<Connection>;
    if (slot.size > 0) {
      this.#beat(slot);
    }
  }
}
