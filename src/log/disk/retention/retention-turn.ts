import { countBytes, countEvents, type Job, MAX_GROUP_EVENTS } from '../write/job-queue.js';

/**
 * Alongside publishes, retention waits for this much to be stored. Removing in bulk shares the touched pages; one removal per
 * event would nearly double the cost of a lone publish.
 */
const TURN_EVENTS = 256;
const TURN_BYTES = 1024 * 1024;
/** Least that it may remove in a turn, so that what is left of earlier ones becomes less. */
const MIN_REMOVALS = 256;
/** Most, so that none keeps the event loop for long. */
const MAX_REMOVALS = 2 * MAX_GROUP_EVENTS;
/** About what the smallest events take, which may have to go for large ones. */
const SMALL_EVENT_BYTES = 128;

/** When retention has its turn, and how much it may remove in it. */
export class RetentionTurn {
  #events = 0;
  #bytes = 0;
  #isDemanded = false;
  /** Removing takes room too, so on a full disk it begins with nothing. */
  #most = MAX_REMOVALS;

  get isDemanded(): boolean {
    return this.#isDemanded;
  }

  /** Whether it may remove as much as ever: enough writes have succeeded since one failed. */
  get isRecovered(): boolean {
    return this.#most === MAX_REMOVALS;
  }

  /** The next commit is a turn, however little has been stored. */
  demand(): void {
    this.#isDemanded = true;
  }

  /**
   * How many events may be removed by the commit that stores these jobs: 0 if it is no turn, else so many that they take
   * twice the room of what was stored since the last one, however small they are.
   */
  next(jobs: readonly Job[]): number {
    this.#events += countEvents(jobs);
    this.#bytes += countBytes(jobs);
    const isEnough = this.#events >= TURN_EVENTS || this.#bytes >= TURN_BYTES;
    if (jobs.length > 0 && !isEnough && !this.#isDemanded) {
      return 0;
    }
    const limit = Math.max(MIN_REMOVALS, Math.ceil((2 * this.#bytes) / SMALL_EVENT_BYTES));
    this.#events = 0;
    this.#bytes = 0;
    // While it may do nothing yet, it is still to come.
    this.#isDemanded = this.#most === 0;
    return Math.min(limit, this.#most);
  }

  /** A write has failed: from nothing, each one that succeeds may remove twice as much. */
  failed(): void {
    this.#most = 0;
  }

  succeeded(): void {
    this.#most = Math.min(Math.max(1, 2 * this.#most), MAX_REMOVALS);
  }
}
