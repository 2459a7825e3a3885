import type { StoredEvent } from '../events/event.js';
import type { LogListener } from '../log/event-log.js';
import type { Cohort } from './cohort.js';
import type { CohortIndex } from './cohort-index.js';
import type { Connection } from './connection.js';
import type { Window } from './window.js';

/**
 * From the log's commit to the watchers: into the window, to the cohorts that want it, and once per turn of the event
 * loop one write per connection. Everything here is synchronous, in the order of the log.
 */
export class FanOut implements LogListener {
  readonly #window: Window;
  readonly #cohorts: CohortIndex;
  readonly #lagging: (connection: Connection, chunk: Buffer) => void;
  #dirty: Cohort[] = [];
  #scheduled: NodeJS.Immediate | undefined;
  #batch = 0;
  /** Events handed to connections so far, each counted once per connection. */
  deliveries = 0;
  /** Events committed so far. */
  events = 0;

  /** @param lagging called for each connection of which something is unsent after a write */
  constructor(window: Window, cohorts: CohortIndex, lagging: (connection: Connection, chunk: Buffer) => void) {
    this.#window = window;
    this.#cohorts = cohorts;
    this.#lagging = lagging;
  }

  committed(events: readonly StoredEvent[]): number {
    const batch = ++this.#batch;
    let reached = 0;
    for (const event of events) {
      const entry = this.#window.push(event);
      this.#cohorts.wanting(event.stream, (cohort) => {
        this.#queue(cohort, this.#window.frame(entry, cohort.format));
        if (cohort.batch !== batch) {
          cohort.batch = batch;
          reached += cohort.size;
        }
      });
    }
    this.events += events.length;
    return reached;
  }

  purged(stream: string, upTo: number): void {
    this.#window.purge(stream, upTo);
  }

  /** Writes now what this turn has collected. */
  flush(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const cohort of dirty) {
      this.deliveries += cohort.flush(this.#lagging);
    }
  }

  #queue(cohort: Cohort, frame: Buffer): void {
    if (cohort.push(frame)) {
      this.#dirty.push(cohort);
      this.#scheduled ??= setImmediate(() => this.flush());
    }
  }
}
