import { type StoredEvent, sizeOf } from '../../events/event.js';
import type { Retention } from '../retention.js';
import { StreamTable } from '../stream-table.js';
import { type EventEntry, Timeline, vacate } from '../timeline.js';
import { MemoryRetention } from './retention.js';

/** The events that a log in memory retains, and what is known of their streams. */
export class History {
  readonly table: StreamTable;
  readonly timeline = new Timeline<EventEntry>();
  readonly #retention: MemoryRetention;
  #bytes = 0;

  constructor(retention: Retention) {
    this.table = new StreamTable(retention.streams);
    this.#retention = new MemoryRetention(retention);
  }

  /** Of the events retained. */
  get bytes(): number {
    return this.#bytes;
  }

  add(event: StoredEvent): void {
    const entry = { event, gone: false };
    const bytes = sizeOf(event);
    this.timeline.push(entry);
    this.#retention.add(entry);
    this.table.added(event, bytes);
    this.#bytes += bytes;
  }

  /** Removes all of a stream; returns `removed` with the positions. */
  purge(stream: string, removed: number[] = []): number[] {
    for (const entry of this.timeline.upTo(stream, Number.POSITIVE_INFINITY)) {
      removed.push(this.#remove(entry));
    }
    return removed;
  }

  /** After these have been added: removes what is over any limit, and streams that are too many. Returns the positions. */
  trim(added: readonly StoredEvent[], now: number): number[] {
    const removed: number[] = [];
    for (const { stream } of added) {
      for (
        let entry = this.#retention.overdueOf(stream);
        entry !== undefined;
        entry = this.#retention.overdueOf(stream)
      ) {
        removed.push(this.#remove(entry));
      }
      this.#forgetSurplus(removed);
    }
    for (let entry = this.#retention.overdue(now); entry !== undefined; entry = this.#retention.overdue(now)) {
      removed.push(this.#remove(entry));
    }
    for (const stream of this.#retention.takeOutlived()) {
      this.table.outlived(stream);
    }
    return removed;
  }

  /** After each event, as it may have begun a stream: one that holds nothing, or little, gives way. */
  #forgetSurplus(removed: number[]): void {
    const [surplus] = this.table.surplus();
    if (surplus !== undefined) {
      this.purge(surplus.name, removed);
      this.table.forget(surplus);
    }
  }

  #remove(entry: EventEntry): number {
    const { event } = entry;
    const bytes = sizeOf(event);
    this.timeline.remove(entry);
    this.#retention.drop(entry);
    this.table.removed(event, bytes);
    this.#bytes -= bytes;
    vacate(entry);
    return event.pos;
  }
}
