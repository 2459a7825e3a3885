import { performance } from 'node:perf_hooks';
import type { Cohort, Lagging } from './cohort.js';
import type { Connection } from './connection.js';

/** At least this many of a cohort are served in a turn: writing to fewer costs less than the turn itself. */
const MIN_SHARE = 16;
/** With so much waiting everybody is served at once: a write that carries it gains nothing from carrying more. */
const FULL_EVENTS = 128;
const FULL_BYTES = 64 * 1024;

/**
 * Serves the cohorts, a share of each in every turn of the event loop while something waits. What is published meanwhile goes
 * along with those not served yet, without writes of its own, and other work has its turn between.
 */
export class Rounds {
  readonly #lagging: Lagging;
  #cohorts: Cohort[] = [];
  #scheduled: NodeJS.Immediate | undefined;
  /** When the last turn ended, while there is more to serve. */
  #paused: number | undefined;
  /** Events handed to connections so far, each counted once per connection. */
  deliveries = 0;

  constructor(lagging: Lagging) {
    this.#lagging = lagging;
  }

  /** Begins to serve a cohort in which something waits, at the end of this turn of the event loop. */
  add(cohort: Cohort): void {
    this.#cohorts.push(cohort);
    this.#scheduled ??= setImmediate(() => this.#turn());
  }

  /** Serves everybody now. */
  finish(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    this.#paused = undefined;
    this.#serve(({ size }) => size);
  }

  /** Serves a connection now, if it is live. */
  serveOne(connection: Connection): void {
    this.deliveries += connection.cohort?.serveOne(connection, this.#lagging) ?? 0;
  }

  /** Goes on for at least as long as other work took since the last turn, so that a round takes twice its own time at most. */
  #turn(): void {
    const start = performance.now();
    const others = start - (this.#paused ?? start);
    do {
      this.#serve(shareOf);
    } while (this.#cohorts.length > 0 && performance.now() - start < others);
    const isMore = this.#cohorts.length > 0;
    this.#paused = isMore ? performance.now() : undefined;
    this.#scheduled = isMore ? setImmediate(() => this.#turn()) : undefined;
  }

  #serve(share: (cohort: Cohort) => number): void {
    const cohorts = this.#cohorts;
    this.#cohorts = [];
    for (const cohort of cohorts) {
      this.deliveries += cohort.serve(share(cohort), this.#lagging);
      if (cohort.waitingEvents > 0) {
        this.#cohorts.push(cohort);
      }
    }
  }
}

/** The more a write carries, the less it gains by waiting for more. */
function shareOf({ size, waitingEvents, waitingBytes }: Cohort): number {
  return Math.max(MIN_SHARE, size * Math.max(waitingEvents / FULL_EVENTS, waitingBytes / FULL_BYTES));
}
