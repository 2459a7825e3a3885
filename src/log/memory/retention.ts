import { sizeOf } from '../../events/event.js';
import { isStateStream } from '../../events/names.js';
import { OutlivedStates } from '../outlived-states.js';
import { GENERATED_PER_STREAM, type Retention } from '../retention.js';
import { Sequence } from '../sequence.js';
import { SequenceMap } from '../sequence-map.js';
import { SortedList } from '../sorted-list.js';
import type { EventEntry } from '../timeline.js';

/**
 * Decides which entries have outlived the retention limits. Generators' events stand apart, the newest 100 of each
 * stream. A state stream's latest event that has outlived them stays, uncounted, until a newer one takes its place, or
 * room is needed for other streams or newer states.
 */
export class MemoryRetention {
  readonly #limits: Retention;
  readonly #counted = new Sequence<EventEntry>();
  /** Former latest events of state streams. */
  readonly #superseded = new SortedList<EventEntry, number>(({ event }) => event.pos);
  readonly #countedOf = new SequenceMap<EventEntry>();
  readonly #generatedOf = new Map<string, EventEntry[]>();
  /** Latest events of state streams, oldest first. */
  readonly #states = new Map<string, EventEntry>();
  /** Those that have outlived the limits, and streams of theirs that nobody has asked for yet. */
  readonly #outlived: OutlivedStates<EventEntry>;
  readonly #untold = new Set<string>();
  #bytes = 0;

  constructor(limits: Retention) {
    this.#limits = limits;
    this.#outlived = new OutlivedStates(limits.bytes, ({ event }) => sizeOf(event));
  }

  add(entry: EventEntry): void {
    const { stream, generated } = entry.event;
    this.#supersede(stream);
    if (generated) {
      const list = this.#generatedOf.get(stream);
      list === undefined ? this.#generatedOf.set(stream, [entry]) : list.push(entry);
      return;
    }
    this.#bytes += sizeOf(entry.event);
    if (isStateStream(stream)) {
      this.#states.set(stream, entry);
    } else {
      this.#counted.push(entry);
      this.#countedOf.push(stream, entry);
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
    for (let oldest = this.#oldest(); this.#isOver(oldest, now); oldest = this.#oldest()) {
      if (this.#states.get(oldest.event.stream) !== oldest) {
        return oldest;
      }
      this.#outlive(oldest);
    }
    const [surplus] = this.#outlived.surplus();
    return surplus;
  }

  /** State streams whose latest event has outlived the limits, each told once. */
  takeOutlived(): readonly string[] {
    const streams = [...this.#untold];
    this.#untold.clear();
    return streams;
  }

  /** An entry has been removed, for whatever reason; its `gone` is set. */
  drop(entry: EventEntry): void {
    const { stream, generated } = entry.event;
    if (this.#states.get(stream) === entry) {
      this.#states.delete(stream);
      this.#bytes -= sizeOf(entry.event);
    } else if (this.#outlived.get(stream) === entry) {
      this.#outlived.take(stream);
      this.#untold.delete(stream);
    } else if (generated) {
      this.#dropGenerated(stream, entry);
    } else {
      this.#uncount(stream, entry);
    }
  }

  #isOver(oldest: EventEntry | undefined, now: number): oldest is EventEntry {
    const { events, bytes, ageMs } = this.#limits;
    const count = this.#counted.size + this.#superseded.size + this.#states.size;
    return oldest !== undefined && (count > events || this.#bytes > bytes || oldest.event.time < now - ageMs);
  }

  #oldest(): EventEntry | undefined {
    const latest = this.#states.size === 0 ? undefined : this.#states.values().next().value;
    return older(older(this.#counted.first(), this.#superseded.first()), latest);
  }

  #outlive(latest: EventEntry): void {
    const { stream } = latest.event;
    this.#states.delete(stream);
    this.#bytes -= sizeOf(latest.event);
    this.#outlived.add(stream, latest);
    this.#untold.add(stream);
  }

  /** What was the latest of a state stream counts like any other from now on. */
  #supersede(stream: string): void {
    const outlived = this.#outlived.take(stream);
    const former = outlived ?? this.#states.get(stream);
    if (former === undefined) {
      return;
    }
    this.#bytes += outlived === undefined ? 0 : sizeOf(former.event);
    this.#states.delete(stream);
    this.#superseded.add(former);
    this.#countedOf.push(stream, former);
  }

  #uncount(stream: string, entry: EventEntry): void {
    this.#bytes -= sizeOf(entry.event);
    isStateStream(stream) ? this.#superseded.delete(entry) : this.#counted.release();
    this.#countedOf.release(stream);
  }

  #dropGenerated(stream: string, entry: EventEntry): void {
    const list = this.#generatedOf.get(stream) ?? [];
    list.splice(list.indexOf(entry), 1);
    if (list.length === 0) {
      this.#generatedOf.delete(stream);
    }
  }
}

function older(a: EventEntry | undefined, b: EventEntry | undefined): EventEntry | undefined {
  return a === undefined || (b !== undefined && b.event.pos < a.event.pos) ? b : a;
}
