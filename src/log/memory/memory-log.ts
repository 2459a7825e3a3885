import type { Clock, Timer } from '../../clock.js';
import { type Cursor, createEpoch, formatCursor } from '../../events/cursor.js';
import { type NewEvent, type StoredEvent, sizeOf, storeEvent } from '../../events/event.js';
import type { Selection } from '../../events/selection.js';
import type { Appended, EventLog, LogListener, LogUsage, Page } from '../event-log.js';
import type { KnownStreams } from '../known-streams.js';
import { checkNoListener, logClosed } from '../misuse.js';
import { type Claim, createReceipt, type Receipt, Receipts } from '../receipts.js';
import { RETENTION_CHECK_MS, type Retention } from '../retention.js';
import { History } from './history.js';

/** The log in memory: nothing survives the process, so each start is a new epoch that begins at position 1. */
export class MemoryLog implements EventLog {
  readonly epoch = createEpoch();
  readonly streams: KnownStreams;
  readonly #clock: Clock;
  readonly #history: History;
  readonly #receipts: Receipts;
  readonly #ageTimer: Timer;
  #listener: LogListener | undefined;
  #head = 0;
  #commits = 0;
  #isClosed = false;

  constructor(retention: Retention, clock: Clock) {
    this.#clock = clock;
    this.#history = new History(retention);
    this.streams = this.#history.table;
    this.#receipts = new Receipts(retention.receiptsMs);
    this.#ageTimer = clock.setInterval(() => this.#expire(), RETENTION_CHECK_MS);
  }

  get head(): number {
    return this.#head;
  }

  listen(listener: LogListener): void {
    checkNoListener(this.#listener);
    this.#listener = listener;
  }

  async append(batch: readonly NewEvent[], claim?: Claim): Promise<Appended> {
    this.#checkOpen();
    this.#history.table.admit(batch);
    const time = this.#clock.now();
    const events = batch.map((event) => this.#store(event, time));
    if (claim !== undefined) {
      this.#receipts.add(claim.key, createReceipt(claim, events));
    }
    this.#commits++;
    const reached = this.#listener?.committed(events) ?? 0;
    this.#trim(events, time);
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
    this.#checkOpen();
    const { length } = this.#history.purge(stream);
    this.#listener?.purged(stream, this.#head);
    return length;
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

  lostAfter(): boolean {
    return false;
  }

  async read(selection: Selection, pos: number, maxBytes: number): Promise<Page> {
    const events: StoredEvent[] = [];
    let bytes = 0;
    let upTo = pos;
    const { timeline } = this.#history;
    const reach = timeline.reach(selection, pos);
    for (const { event } of timeline.after(selection, pos, reach)) {
      bytes += sizeOf(event);
      if (bytes > maxBytes && events.length > 0) {
        return { events, upTo };
      }
      events.push(event);
      upTo = event.pos;
    }
    return { events, upTo: Math.min(reach, this.#head) };
  }

  latestStates(selection: Selection, limit: number, upTo = this.head): Iterable<StoredEvent> {
    const { table, timeline } = this.#history;
    return table.latestStates(selection, limit, upTo).flatMap((pos) => timeline.at(pos)?.event ?? []);
  }

  oldestTime(stream: string): number | undefined {
    return this.#history.timeline.firstOf(stream)?.event.time;
  }

  usage(): LogUsage {
    const { table, timeline, bytes } = this.#history;
    const { size: streams, trims } = table;
    return { events: timeline.size, bytes, streams, trims, commits: this.#commits, commitSeconds: 0 };
  }

  async idle(): Promise<void> {}

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#clock.clearInterval(this.#ageTimer);
  }

  #checkOpen(): void {
    if (this.#isClosed) {
      throw logClosed();
    }
  }

  #store(event: NewEvent, time: number): StoredEvent {
    const stored = storeEvent(event, ++this.#head, this.epoch, time);
    this.#history.add(stored);
    return stored;
  }

  #trim(added: readonly StoredEvent[], now: number): void {
    const removed = this.#history.trim(added, now);
    this.#listener?.trimmed(removed);
  }

  #expire(): void {
    const now = this.#clock.now();
    this.#trim([], now);
    this.#receipts.expire(now);
  }
}
