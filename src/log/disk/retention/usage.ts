import type { Retention } from '../../retention.js';

/** What counts for the limits on all streams together: neither generators' events nor the latest ones of state streams. */
export class Usage {
  readonly #limits: Retention;
  #events = 0;
  #bytes = 0;
  /** Of the oldest event that may have to go next, epoch milliseconds. */
  oldestTime: number | undefined;

  constructor(limits: Retention) {
    this.#limits = limits;
  }

  add(bytes: number, time: number): void {
    this.#events++;
    this.#bytes += bytes;
    this.oldestTime ??= time;
  }

  remove(events: number, bytes: number): void {
    this.#events -= events;
    this.#bytes -= bytes;
  }

  /**
   * Whether nothing has to go, neither by number and bytes, once it is so much less, nor by age.
   * @param oldest time of the oldest event left; undefined for none
   */
  isWithinLimits(now: number, oldest: number | undefined, less = { events: 0, bytes: 0 }): boolean {
    const { events, bytes, ageMs } = this.#limits;
    const isOver = this.#events - less.events > events || this.#bytes - less.bytes > bytes;
    return !isOver && (oldest === undefined || oldest >= now - ageMs);
  }
}
