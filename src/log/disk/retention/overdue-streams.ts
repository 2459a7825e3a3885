import { GENERATED_PER_STREAM } from '../../retention.js';
import type { DiskStream } from '../disk-stream.js';
import { bytesOf } from '../store/record.js';
import { type DiskStore, positionKey, positionsOf } from '../store/store.js';
import type { TrimPlan } from './trim-plan.js';

/** Streams over their own limits: so many published events, and so many of generators. */
export class OverdueStreams {
  readonly #store: DiskStore;
  readonly #streams: ReadonlyMap<string, DiskStream>;
  readonly #eventsPerStream: number;
  readonly #overdue = new Map<string, DiskStream>();

  constructor(store: DiskStore, streams: ReadonlyMap<string, DiskStream>, eventsPerStream: number) {
    this.#store = store;
    this.#streams = streams;
    this.#eventsPerStream = eventsPerStream;
  }

  get all(): ReadonlyMap<string, DiskStream> {
    return this.#overdue;
  }

  /** What a stream holds has changed. */
  review(name: string): void {
    const stream = this.#streams.get(name);
    if (stream !== undefined && this.#isOver(stream)) {
      this.#overdue.set(name, stream);
    } else {
      this.#overdue.delete(name);
    }
  }

  /** All that a stream holds goes in another way. */
  drop(name: string): void {
    this.#overdue.delete(name);
  }

  /** Puts what a stream has too much into a plan, as far as there is room. */
  plan(plan: TrimPlan, name: string, { row, generated, published }: DiskStream): void {
    const { left } = plan;
    const known = new Set(generated);
    const surplus = generated.slice(0, Math.max(0, Math.min(left, generated.length - GENERATED_PER_STREAM)));
    const excess = Math.min(left - surplus.length, published - this.#eventsPerStream);
    if (excess > 0) {
      const oldest = positionsOf(this.#store, row.id, row.purgedTo, Number.MAX_SAFE_INTEGER, excess + known.size);
      surplus.push(...oldest.filter((pos) => !known.has(pos)).slice(0, excess));
    }
    for (const pos of surplus) {
      const isGenerated = known.has(pos);
      // Of a record only its size is asked, because it may be damaged by now.
      const bytes = this.#bytesAt(pos);
      plan.add({ pos, stream: name, id: row.id, generated: isGenerated, bytes, counted: !isGenerated });
    }
  }

  #isOver({ generated, published }: DiskStream): boolean {
    return generated.length > GENERATED_PER_STREAM || published > this.#eventsPerStream;
  }

  #bytesAt(pos: number): number {
    const record = this.#store.events.get(positionKey(pos));
    return record === undefined ? 0 : bytesOf(record);
  }
}
