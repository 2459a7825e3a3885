import type { Clock, Timer } from '../clock.js';
import type { StoredEvent } from '../events/event.js';
import type { EventLog, LogListener } from '../log/event-log.js';
import type { Cohort } from './cohort.js';
import type { CohortIndex } from './cohort-index.js';
import type { Connection } from './connection.js';
import type { Window } from './window.js';

/** Writing to so many connections takes about as long as a commit. */
const LARGE_AUDIENCE = 100;
/** A commit that takes longer is waited for no longer. */
const MAX_WAIT_MS = 5;

/**
 * From the log's commit to the watchers: into the window, to the cohorts that want it, and, at the end of a turn of the event
 * loop or of the commit under way, one write per connection for all of it. Everything is taken synchronously, in the order of the log.
 */
export class FanOut implements LogListener {
  readonly #log: EventLog;
  readonly #window: Window;
  readonly #cohorts: CohortIndex;
  readonly #clock: Clock;
  readonly #lagging: (connection: Connection, chunk: Buffer) => void;
  #dirty: Cohort[] = [];
  #scheduled: NodeJS.Immediate | undefined;
  #deadline: Timer | undefined;
  #batch = 0;
  /** Events handed to connections so far, each counted once per connection. */
  deliveries = 0;
  /** Events committed so far. */
  events = 0;

  /** @param lagging called for each connection of which something is unsent after a write */
  constructor(
    log: EventLog,
    window: Window,
    cohorts: CohortIndex,
    clock: Clock,
    lagging: (connection: Connection, chunk: Buffer) => void,
  ) {
    this.#log = log;
    this.#window = window;
    this.#cohorts = cohorts;
    this.#clock = clock;
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

  trimmed(positions: readonly number[]): void {
    this.#window.remove(positions);
  }

  purged(stream: string, upTo: number): void {
    this.#window.purge(stream, upTo);
  }

  /** Writes now what has been collected. */
  flush(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    if (this.#deadline !== undefined) {
      this.#clock.clearTimeout(this.#deadline);
      this.#deadline = undefined;
    }
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const cohort of dirty) {
      this.deliveries += cohort.flush(this.#lagging);
    }
  }

  #queue(cohort: Cohort, frame: Buffer): void {
    if (cohort.push(frame)) {
      this.#dirty.push(cohort);
      this.#scheduled ??= setImmediate(() => this.#flushOrWait());
    }
  }

  /** What the commit under way brings goes along: its events then cost no writes of their own. */
  #flushOrWait(): void {
    const connections = this.#dirty.reduce((sum, { size }) => sum + size, 0);
    const next = connections < LARGE_AUDIENCE ? undefined : this.#log.nextCommit();
    if (next === undefined) {
      this.flush();
    } else {
      this.#deadline = this.#clock.setTimeout(() => this.flush(), MAX_WAIT_MS);
      void next.then(() => this.flush());
    }
  }
}
