import { performance } from 'node:perf_hooks';
import type { Connection } from '../connection.js';
import type { Cohort, Lagging } from './cohort.js';

/** Fewest connections served per turn of the event loop, if so many wait: writing to fewer costs less than the turn itself. */
const MIN_SHARE = 16;
/** With so much waiting a whole cohort is served at once: a write that carries it gains nothing from carrying more. */
const FULL_EVENTS = 128;
const FULL_BYTES = 64 * 1024;

/**
 * Serves the cohorts in which something waits, one share after the other, a few in every turn of the event loop. What is
 * published meanwhile goes along with those not served yet, without writes of its own, and other work has its turn between.
 */
export class Rounds {
  readonly #lagging: Lagging;
  /** Those in which something waits, in the order of their turns. */
  readonly #waiting = new Set<Cohort>();
  /** Those of them in which so much waits that it is for the end of this turn. */
  readonly #full = new Set<Cohort>();
  #scheduled: NodeJS.Immediate | undefined;
  /** When the last turn ended, while there is more to serve. */
  #paused: number | undefined;
  /** Events handed to connections so far, each counted once per connection. */
  deliveries = 0;

  constructor(lagging: Lagging) {
    this.#lagging = lagging;
  }

  /** Something more waits in a cohort: its turn comes, and begins at the end of this turn of the event loop at the earliest. */
  add(cohort: Cohort): void {
    this.#waiting.add(cohort);
    if (fullness(cohort) >= 1) {
      this.#full.add(cohort);
    }
    this.#scheduled ??= setImmediate(() => this.#turn());
  }

  /** Serves everybody now. */
  finish(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    this.#paused = undefined;
    for (const cohort of [...this.#waiting]) {
      this.#serve(cohort, cohort.size);
    }
  }

  /** Serves a connection now, if it is live. */
  serveOne(connection: Connection): void {
    this.deliveries += connection.cohort?.serveOne(connection, this.#lagging) ?? 0;
  }

  /** Goes on for at least as long as other work took since the last turn, so that a round takes twice its own time at most. */
  #turn(): void {
    const start = performance.now();
    const others = start - (this.#paused ?? start);
    try {
      this.#serveFull();
      do {
        this.#serveShare();
      } while (this.#waiting.size > 0 && performance.now() - start < others);
    } finally {
      // However it ended: one whose turn failed must not keep the others from theirs.
      const isMore = this.#waiting.size > 0;
      this.#paused = isMore ? performance.now() : undefined;
      this.#scheduled = isMore ? setImmediate(() => this.#turn()) : undefined;
    }
  }

  #serveFull(): void {
    for (const cohort of this.#full) {
      this.#serve(cohort, cohort.size);
    }
  }

  /** As many cohorts as it takes; a large one takes a share and comes back after the others. */
  #serveShare(): void {
    let left = MIN_SHARE;
    for (const cohort of this.#waiting) {
      if (left <= 0) {
        return;
      }
      const share = Math.min(cohort.size, shareOf(cohort));
      left -= share;
      this.#serve(cohort, share);
    }
  }

  #serve(cohort: Cohort, most: number): void {
    this.deliveries += cohort.serve(most, this.#lagging);
    this.#waiting.delete(cohort);
    if (cohort.waitingEvents > 0) {
      this.#waiting.add(cohort);
    } else {
      this.#full.delete(cohort);
    }
  }
}

/** The more a write carries, the less it gains by waiting for more. */
function shareOf(cohort: Cohort): number {
  return Math.max(MIN_SHARE, cohort.size * fullness(cohort));
}

function fullness({ waitingEvents, waitingBytes }: Cohort): number {
  return Math.max(waitingEvents / FULL_EVENTS, waitingBytes / FULL_BYTES);
}
