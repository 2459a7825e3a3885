import { countBytes, countEvents, type Job } from './job-queue.js';

/**
 * Beside publishes, retention waits until so much has been stored: what goes at once shares the pages that it touches, while
 * one event out for each one in would nearly double what a lone publish costs.
 */
const TURN_EVENTS = 256;
const TURN_BYTES = 1024 * 1024;
/** Least that it may remove in a turn, so that what is left of earlier ones becomes less. */
const MIN_REMOVALS = 256;

/** When retention has its turn, and how much it may remove in it. */
export class RetentionTurn {
  #events = 0;
  #bytes = 0;
  #isDemanded = false;

  get isDemanded(): boolean {
    return this.#isDemanded;
  }

  /** The next commit is a turn, however little has been stored. */
  demand(): void {
    this.#isDemanded = true;
  }

  /** How much may be removed by the commit that stores these jobs: 0 if it is no turn, or twice what was stored since the last one. */
  next(jobs: readonly Job[]): number {
    this.#events += countEvents(jobs);
    this.#bytes += countBytes(jobs);
    const isEnough = this.#events >= TURN_EVENTS || this.#bytes >= TURN_BYTES;
    if (jobs.length > 0 && !isEnough && !this.#isDemanded) {
      return 0;
    }
    const limit = Math.max(MIN_REMOVALS, 2 * this.#events);
    this.#events = 0;
    this.#bytes = 0;
    this.#isDemanded = false;
    return limit;
  }
}
