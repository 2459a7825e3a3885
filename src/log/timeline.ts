import type { StoredEvent } from '../events/event.js';
import { matches, type Selection } from '../streams/selection.js';
import { type Entry, Sequence } from './sequence.js';

/** An entry that holds a whole event. */
export interface EventEntry extends Entry {
  readonly event: StoredEvent;
}

/** Entries of all streams in one order, with an index by stream. */
export class Timeline<E extends EventEntry> {
  readonly #all = new Sequence<E>();
  readonly #byStream = new Map<string, Sequence<E>>();

  get size(): number {
    return this.#all.size;
  }

  push(entry: E): void {
    this.#all.push(entry);
    const { stream } = entry.event;
    let sequence = this.#byStream.get(stream);
    if (sequence === undefined) {
      sequence = new Sequence();
      this.#byStream.set(stream, sequence);
    }
    sequence.push(entry);
  }

  remove(entry: E): void {
    if (entry.gone) {
      return;
    }
    entry.gone = true;
    this.#all.release();
    const { stream } = entry.event;
    const sequence = this.#byStream.get(stream);
    sequence?.release();
    if (sequence?.size === 0) {
      this.#byStream.delete(stream);
    }
  }

  first(): E | undefined {
    return this.#all.first();
  }

  /** The entry at a position, if it is still there. */
  at(pos: number): E | undefined {
    return this.#all.at(pos);
  }

  firstOf(stream: string): E | undefined {
    return this.#byStream.get(stream)?.first();
  }

  /** The oldest entries of a stream up to a position, to be removed. */
  upTo(stream: string, pos: number): E[] {
    const found: E[] = [];
    for (const entry of this.#byStream.get(stream)?.after(0) ?? []) {
      if (entry.event.pos > pos) {
        break;
      }
      found.push(entry);
    }
    return found;
  }

  /** The entries of a selection after a position, oldest first. */
  after(selection: Selection, pos: number): Iterable<E> {
    const [name] = selection.names;
    if (selection.items.length === 1 && name !== undefined) {
      return this.#byStream.get(name)?.after(pos) ?? [];
    }
    if (selection.prefixes.length > 0) {
      return filter(this.#all.after(pos), selection);
    }
    return merge(this.#sequences(selection).map((sequence) => sequence.after(pos)));
  }

  /** The entries of a selection, newest first. */
  backwards(selection: Selection): Iterable<E> {
    const [name] = selection.names;
    if (selection.items.length === 1 && name !== undefined) {
      return this.#byStream.get(name)?.backwards() ?? [];
    }
    return filter(this.#all.backwards(), selection);
  }

  #sequences(selection: Selection): Sequence<E>[] {
    return selection.names.flatMap((name) => this.#byStream.get(name) ?? []);
  }
}

function* filter<E extends EventEntry>(entries: Iterable<E>, selection: Selection): Generator<E> {
  for (const entry of entries) {
    if (matches(selection, entry.event.stream)) {
      yield entry;
    }
  }
}

/** A selection names at most 100 streams, so looking at each one's next entry beats keeping a heap. */
function* merge<E extends EventEntry>(sources: Generator<E>[]): Generator<E> {
  const next = sources.map((source) => source.next());
  for (;;) {
    let best = -1;
    let bestPos = Number.POSITIVE_INFINITY;
    next.forEach((result, i) => {
      if (!result.done && result.value.event.pos < bestPos) {
        best = i;
        bestPos = result.value.event.pos;
      }
    });
    const found = next[best];
    if (found === undefined || found.done) {
      return;
    }
    yield found.value;
    next[best] = (sources[best] as Generator<E>).next();
  }
}
