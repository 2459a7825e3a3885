import { sizeOf } from '../../events/event.js';
import { isStateStream } from '../../events/names.js';
import { GENERATED_PER_STREAM, type Retention } from '../event-log.js';
import { Sequence } from '../sequence.js';
import { SortedList } from '../sorted-list.js';
import type { EventEntry } from '../timeline.js';

/**
 * Decides which entries have outlived the retention limits. Generators' events stand apart, the newest 100 of each
 * stream; a state stream's latest event stands outside every limit until a newer one takes its place, or room is needed
 * for other streams once all limits have passed it.
 */
export class Keeper {
  readonly #limits: Retention;
  readonly #counted = new Sequence<EventEntry>();
  /** Former latest events of state streams, which count from then on: others have come in between. */
  readonly #superseded = new SortedList<EventEntry, number>(({ event }) => event.pos);
  readonly #countedOf = new Map<string, Sequence<EventEntry>>();
  readonly #generatedOf = new Map<string, EventEntry[]>();
  /** Latest events of state streams, oldest first. */
  readonly #states = new Map<string, EventEntry>();
  /** Those that the limits have passed. */
  readonly #outlived = new Map<string, EventEntry>();
  #bytes = 0;
  /** Everything up to here is over the limits for all streams together. */
  #passed = 0;

  constructor(limits: Retention) {
    this.#limits = limits;
  }

  add(entry: EventEntry): void {
    const { stream, generated } = entry.event;
    const superseded = this.#states.get(stream) ?? this.#outlived.get(stream);
    if (superseded !== undefined) {
      this.#states.delete(stream);
      this.#outlived.delete(stream);
      this.#superseded.add(superseded);
      this.#count(superseded);
    }
    if (generated) {
      const list = this.#generatedOf.get(stream);
      list === undefined ? this.#generatedOf.set(stream, [entry]) : list.push(entry);
    } else if (isStateStream(stream)) {
      this.#states.set(stream, entry);
    } else {
      this.#counted.push(entry);
      this.#count(entry);
    }
  }

  /** The next entry to remove now that `stream` has grown; the caller removes and drops it before it asks again. */
  overdueOf(stream: string): EventEntry | undefined {
    const generated = this.#generatedOf.get(stream);
    if (generated !== undefined && generated.length > GENERATED_PER_STREAM) {
      return generated[0];
    }
    const counted = this.#countedOf.get(stream);
    return counted !== undefined && counted.size > this.#limits.eventsPerStream ? counted.first() : undefined;
  }

  /** The next entry over the limits for all streams together, in the same way. */
  overdue(now: number): EventEntry | undefined {
    const oldest = this.#oldest();
    const { events, bytes, ageMs } = this.#limits;
    const count = this.#counted.size + this.#superseded.size;
    const isOver = count > events || this.#bytes > bytes || (oldest?.event.time ?? now) < now - ageMs;
    if (!isOver || oldest === undefined) {
      return undefined;
    }
    this.#passed = oldest.event.pos;
    return oldest;
  }

  /** The next state stream whose latest event all limits have passed, named once. */
  outlived(now: number): string | undefined {
    const [latest] = this.#states.values();
    if (latest === undefined || (latest.event.pos > this.#passed && latest.event.time >= now - this.#limits.ageMs)) {
      return undefined;
    }
    const { stream } = latest.event;
    this.#states.delete(stream);
    this.#outlived.set(stream, latest);
    return stream;
  }

  /** An entry has been removed, for whatever reason; its `gone` is set. */
  drop(entry: EventEntry): void {
    const { stream, generated } = entry.event;
    if ((this.#states.get(stream) ?? this.#outlived.get(stream)) === entry) {
      this.#states.delete(stream);
      this.#outlived.delete(stream);
    } else if (generated) {
      this.#dropGenerated(stream, entry);
    } else {
      this.#uncount(stream, entry);
    }
  }

  #oldest(): EventEntry | undefined {
    const [counted, superseded] = [this.#counted.first(), this.#superseded.first()];
    const isBefore =
      superseded !== undefined && superseded.event.pos < (counted?.event.pos ?? Number.POSITIVE_INFINITY);
    return isBefore ? superseded : counted;
  }

  #count(entry: EventEntry): void {
    const { stream } = entry.event;
    this.#bytes += sizeOf(entry.event);
    let sequence = this.#countedOf.get(stream);
    if (sequence === undefined) {
      sequence = new Sequence();
      this.#countedOf.set(stream, sequence);
    }
    sequence.push(entry);
  }

  #uncount(stream: string, entry: EventEntry): void {
    this.#bytes -= sizeOf(entry.event);
    isStateStream(stream) ? this.#superseded.delete(entry) : this.#counted.release();
    const sequence = this.#countedOf.get(stream);
    sequence?.release();
    if (sequence?.size === 0) {
      this.#countedOf.delete(stream);
    }
  }

  #dropGenerated(stream: string, entry: EventEntry): void {
    const list = this.#generatedOf.get(stream) ?? [];
    list.splice(list.indexOf(entry), 1);
    if (list.length === 0) {
      this.#generatedOf.delete(stream);
    }
  }
}
