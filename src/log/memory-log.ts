import type { Clock, Timer } from '../clock.js';
import { type Cursor, createEpoch, formatCursor } from '../events/cursor.js';
import { type NewEvent, type StoredEvent, sizeOf, storeEvent } from '../events/event.js';
import type { Selection } from '../streams/selection.js';
import type {
  Appended,
  Claim,
  EventLog,
  LogListener,
  LogUsage,
  Page,
  Receipt,
  Retention,
  StreamSummary,
  Trimmed,
} from './event-log.js';
import { Keeper } from './keeper.js';
import { createReceipt, Receipts } from './receipts.js';
import { StreamTable } from './stream-table.js';
import { type EventEntry, Timeline, vacate } from './timeline.js';

const AGE_CHECK_MS = 1000;

/** The log in memory: nothing survives the process, so each start is a new epoch that begins at position 1. */
export class MemoryLog implements EventLog {
  readonly epoch = createEpoch();
  readonly #clock: Clock;
  readonly #table: StreamTable;
  readonly #keeper: Keeper;
  readonly #timeline = new Timeline<EventEntry>();
  readonly #receipts: Receipts;
  readonly #ageTimer: Timer;
  #listener: LogListener | undefined;
  #head = 0;
  #bytes = 0;
  #commits = 0;

  constructor(retention: Retention, clock: Clock) {
    this.#clock = clock;
    this.#table = new StreamTable(retention.streams);
    this.#keeper = new Keeper(retention);
    this.#receipts = new Receipts(retention.receiptsMs);
    this.#ageTimer = clock.setInterval(() => this.#expire(), AGE_CHECK_MS);
  }

  get head(): number {
    return this.#head;
  }

  listen(listener: LogListener): void {
    this.#listener = listener;
  }

  async append(batch: readonly NewEvent[], claim?: Claim): Promise<Appended> {
    this.#table.admit(batch);
    const time = this.#clock.now();
    const events = batch.map((event) => this.#store(event, time));
    if (claim !== undefined) {
      this.#receipts.add(claim.key, createReceipt(claim, events));
    }
    this.#commits++;
    const reached = this.#listener?.committed(events) ?? 0;
    for (const { stream } of events) {
      this.#trimStream(stream);
    }
    this.#trimOldest();
    return { events, reached };
  }

  receipt(key: string): Receipt | undefined {
    return this.#receipts.get(key, this.#clock.now());
  }

  problem(): undefined {}

  tail(): StoredEvent[] {
    return [];
  }

  async purge(stream: string): Promise<number> {
    const entries = this.#timeline.upTo(stream, this.#head);
    for (const entry of entries) {
      this.#remove(entry);
    }
    this.#listener?.purged(stream, this.#head);
    return entries.length;
  }

  locate({ epoch, pos }: Cursor): 'inside' | 'ahead' | 'epoch' {
    if (epoch !== this.epoch) {
      return 'epoch';
    }
    return pos <= this.#head ? 'inside' : 'ahead';
  }

  cursorAt(pos: number): string {
    return formatCursor(this.epoch, pos);
  }

  trimmedAfter(selection: Selection, pos: number): Trimmed {
    return this.#table.trimmedAfter(selection, pos);
  }

  trimmedSince(selection: Selection, pos: number, trims: number): boolean {
    return this.#table.trimmedSince(selection, pos, trims);
  }

  lostAfter(): boolean {
    return false;
  }

  async read(selection: Selection, pos: number, maxBytes: number): Promise<Page> {
    const events: StoredEvent[] = [];
    let bytes = 0;
    for (const { event } of this.#timeline.after(selection, pos)) {
      bytes += sizeOf(event);
      if (bytes > maxBytes && events.length > 0) {
        return { events, upTo: (events.at(-1) as StoredEvent).pos };
      }
      events.push(event);
    }
    return { events, upTo: this.#head };
  }

  latestStates(selection: Selection, limit: number): StoredEvent[] {
    return this.#table.latestStates(selection, limit).flatMap((pos) => this.#timeline.at(pos)?.event ?? []);
  }

  list(prefix: string, after: string, limit: number): StreamSummary[] {
    return this.#table
      .list(prefix, after, limit)
      .map((summary) => ({ ...summary, oldest: this.#timeline.firstOf(summary.stream)?.event.time }));
  }

  isPublished(stream: string): boolean {
    return this.#table.get(stream)?.published ?? false;
  }

  holds(stream: string): boolean {
    return (this.#table.get(stream)?.events ?? 0) > 0;
  }

  usage(): LogUsage {
    const { size: streams, trims } = this.#table;
    const events = this.#timeline.size;
    return { events, bytes: this.#bytes, streams, trims, commits: this.#commits, commitSeconds: 0 };
  }

  nextCommit(): undefined {}

  async idle(): Promise<void> {}

  async close(): Promise<void> {
    this.#clock.clearInterval(this.#ageTimer);
  }

  #store(event: NewEvent, time: number): StoredEvent {
    const stored = storeEvent(event, ++this.#head, this.epoch, time);
    const entry = { event: stored, gone: false };
    this.#timeline.push(entry);
    this.#keeper.add(entry);
    const bytes = sizeOf(stored);
    this.#table.added(stored, bytes);
    this.#bytes += bytes;
    return stored;
  }

  #expire(): void {
    this.#trimOldest();
    this.#receipts.expire(this.#clock.now());
  }

  #trimStream(stream: string): void {
    for (let entry = this.#keeper.overdueOf(stream); entry !== undefined; entry = this.#keeper.overdueOf(stream)) {
      this.#remove(entry);
    }
    this.#forgetSurplus();
  }

  #trimOldest(): void {
    const now = this.#clock.now();
    for (let entry = this.#keeper.overdue(now); entry !== undefined; entry = this.#keeper.overdue(now)) {
      this.#remove(entry);
    }
  }

  /** Anyone can open streams of numbers, so those nobody has published to are only remembered up to a limit. */
  #forgetSurplus(): void {
    const surplus = this.#table.surplus();
    if (surplus !== undefined) {
      for (const entry of this.#timeline.upTo(surplus.name, this.#head)) {
        this.#remove(entry);
      }
      this.#table.forget(surplus);
    }
  }

  #remove(entry: EventEntry): void {
    this.#timeline.remove(entry);
    this.#keeper.drop(entry);
    const bytes = sizeOf(entry.event);
    this.#table.removed(entry.event, bytes);
    this.#bytes -= bytes;
    vacate(entry);
  }
}
