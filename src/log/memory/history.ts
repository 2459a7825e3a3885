import { type StoredEvent, sizeOf } from '../../events/event.js';
import type { Retention } from '../event-log.js';
import { StreamTable } from '../stream-table.js';
import { type EventEntry, Timeline, vacate } from '../timeline.js';
import { Keeper } from './keeper.js';

/** The events that a log in memory retains, and what is known of their streams. */
export class History {
  readonly table: StreamTable;
  readonly timeline = new Timeline<EventEntry>();
  readonly #keeper: Keeper;
  #bytes = 0;

  constructor(retention: Retention) {
    this.table = new StreamTable(retention.streams);
    this.#keeper = new Keeper(retention);
  }

  /** Of the events retained. */
  get bytes(): number {
    return this.#bytes;
  }

  add(event: StoredEvent): void {
    const entry = { event, gone: false };
    const bytes = sizeOf(event);
    this.timeline.push(entry);
    this.#keeper.add(entry);
    this.table.added(event, bytes);
    this.#bytes += bytes;
  }

  /** Removes all of a stream; returns how many events that were. */
  purge(stream: string): number {
    const entries = this.timeline.upTo(stream, Number.POSITIVE_INFINITY);
    for (const entry of entries) {
      this.#remove(entry);
    }
    return entries.length;
  }

  /** A stream has grown: removes what it has too much, and one stream that is too many. */
  trimStream(stream: string): void {
    for (let entry = this.#keeper.overdueOf(stream); entry !== undefined; entry = this.#keeper.overdueOf(stream)) {
      this.#remove(entry);
    }
    this.#forgetSurplus();
  }

  /** Removes what is over the limits for all streams together. */
  trimOldest(now: number): void {
    for (let entry = this.#keeper.overdue(now); entry !== undefined; entry = this.#keeper.overdue(now)) {
      this.#remove(entry);
    }
  }

  /** Anyone can open streams of numbers, so those nobody has published to are only remembered up to a limit. */
  #forgetSurplus(): void {
    const surplus = this.table.surplus();
    if (surplus !== undefined) {
      this.purge(surplus.name);
      this.table.forget(surplus);
    }
  }

  #remove(entry: EventEntry): void {
    const { event } = entry;
    const bytes = sizeOf(event);
    this.timeline.remove(entry);
    this.#keeper.drop(entry);
    this.table.removed(event, bytes);
    this.#bytes -= bytes;
    vacate(entry);
  }
}
