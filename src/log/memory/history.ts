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

  /** Removes all of a stream; returns the positions. */
  purge(stream: string): number[] {
    const entries = this.timeline.upTo(stream, Number.POSITIVE_INFINITY);
    return entries.map((entry) => this.#remove(entry));
  }

  /** Streams have grown: removes what is over any limit, and streams that are too many. Returns the positions. */
  trim(streams: Iterable<string>, now: number): number[] {
    const removed: number[] = [];
    for (const stream of streams) {
      this.#removeAll(() => this.#keeper.overdueOf(stream), removed);
      removed.push(...this.#forgetSurplus());
    }
    this.#removeAll(() => this.#keeper.overdue(now), removed);
    return removed;
  }

  #removeAll(overdue: () => EventEntry | undefined, removed: number[]): void {
    for (let entry = overdue(); entry !== undefined; entry = overdue()) {
      removed.push(this.#remove(entry));
    }
  }

  /** Anyone can open streams of numbers, so those nobody has published to are only remembered up to a limit. */
  #forgetSurplus(): number[] {
    const surplus = this.table.surplus();
    if (surplus === undefined) {
      return [];
    }
    const removed = this.purge(surplus.name);
    this.table.forget(surplus);
    return removed;
  }

  #remove(entry: EventEntry): number {
    const { event } = entry;
    const bytes = sizeOf(event);
    this.timeline.remove(entry);
    this.#keeper.drop(entry);
    this.table.removed(event, bytes);
    this.#bytes -= bytes;
    vacate(entry);
    return event.pos;
  }
}
