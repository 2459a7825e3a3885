import type { StoredEvent } from '../../events/event.js';
import type { LogListener } from '../../log/event-log.js';
import type { Window } from '../resume/window.js';
import type { CohortIndex } from './cohort-index.js';
import type { Rounds } from './rounds.js';

/**
 * From the log's commit to the watchers: into the window, and to the cohorts that want it, which are served in rounds.
 * Everything is taken synchronously, in the order of the log.
 */
export class FanOut implements LogListener {
  readonly #window: Window;
  readonly #cohorts: CohortIndex;
  readonly #rounds: Rounds;
  #batch = 0;
  /** Events committed so far. */
  events = 0;

  constructor(window: Window, cohorts: CohortIndex, rounds: Rounds) {
    this.#window = window;
    this.#cohorts = cohorts;
    this.#rounds = rounds;
  }

  committed(events: readonly StoredEvent[]): number {
    const batch = ++this.#batch;
    let reached = 0;
    for (const event of events) {
      const entry = this.#window.push(event);
      this.#cohorts.wanting(event.stream, (cohort) => {
        cohort.push(this.#window.frame(entry, cohort.format));
        this.#rounds.add(cohort);
        if (cohort.batch !== batch) {
          cohort.batch = batch;
          reached += cohort.size;
        }
      });
    }
    this.#window.evict();
    this.events += events.length;
    return reached;
  }

  trimmed(positions: readonly number[]): void {
    this.#window.remove(positions);
  }

  purged(stream: string, upTo: number): void {
    this.#window.purge(stream, upTo);
  }
}
