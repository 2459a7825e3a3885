import type { StoredEvent } from '../events/event.js';
import { indexedPrefixesOf, indexedPrefixOf } from '../events/names.js';
import type { Selection } from '../events/selection.js';
import { type Entry, Sequence } from './sequence.js';

/** An entry that holds a whole event. */
export interface EventEntry extends Entry {
  event: StoredEvent;
}

/** Lets go of the data of an entry that was removed: lists hold it until half of them is gone, and need its position only. */
export function vacate(entry: EventEntry): void {
  entry.event = { ...entry.event, json: '' };
}

/** Entries of all streams in one order, with an index by stream and by every pattern that takes a stream in. */
export class Timeline<E extends EventEntry> {
  readonly #all = new Sequence<E>();
  readonly #byStream = new Map<string, Sequence<E>>();
  readonly #byPrefix = new Map<string, Sequence<E>>();

  get size(): number {
    return this.#all.size;
  }

  push(entry: E): void {
    const { stream } = entry.event;
    this.#all.push(entry);
    sequenceOf(this.#byStream, stream).push(entry);
    for (const prefix of dottedPrefixesOf(stream)) {
      sequenceOf(this.#byPrefix, prefix).push(entry);
    }
  }

  remove(entry: E): void {
    if (entry.gone) {
      return;
    }
    const { stream } = entry.event;
    entry.gone = true;
    this.#all.release();
    release(this.#byStream, stream);
    for (const prefix of dottedPrefixesOf(stream)) {
      release(this.#byPrefix, prefix);
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
    return merge(
      this.#walks(selection, (sequence) => sequence.after(pos)),
      (a, b) => a < b,
    );
  }

  /** The entries of a selection, newest first. */
  backwards(selection: Selection): Iterable<E> {
    return merge(
      this.#walks(selection, (sequence) => sequence.backwards()),
      (a, b) => a > b,
    );
  }

  /** A canonical selection takes in a stream once at most, so these have no entry in common. */
  #walks({ names, prefixes }: Selection, walk: (sequence: Sequence<E>) => Generator<E>): Generator<E>[] {
    const ofNames = names.flatMap((name) => this.#byStream.get(name) ?? []).map(walk);
    const lists = [...new Set(prefixes.map(indexedPrefixOf))];
    return ofNames.concat(
      lists.flatMap((indexed) => {
        const sequence = indexed === '' ? this.#all : this.#byPrefix.get(indexed);
        const wanted = prefixes.filter((prefix) => indexedPrefixOf(prefix) === indexed);
        return sequence === undefined ? [] : under(wanted, indexed, walk(sequence));
      }),
    );
  }
}

/** Of the entries of a list, those that are wanted. */
function under<E extends EventEntry>(wanted: readonly string[], indexed: string, entries: Generator<E>): Generator<E> {
  return wanted.includes(indexed) ? entries : filter(wanted, entries);
}

function* filter<E extends EventEntry>(prefixes: readonly string[], entries: Generator<E>): Generator<E> {
  for (const entry of entries) {
    if (prefixes.some((prefix) => entry.event.stream.startsWith(prefix))) {
      yield entry;
    }
  }
}

function dottedPrefixesOf(stream: string): string[] {
  return stream.includes('.') ? indexedPrefixesOf(stream).slice(1) : [];
}

function sequenceOf<E extends Entry>(index: Map<string, Sequence<E>>, key: string): Sequence<E> {
  let sequence = index.get(key);
  if (sequence === undefined) {
    sequence = new Sequence();
    index.set(key, sequence);
  }
  return sequence;
}

function release<E extends Entry>(index: Map<string, Sequence<E>>, key: string): void {
  const sequence = index.get(key);
  sequence?.release();
  if (sequence?.size === 0) {
    index.delete(key);
  }
}

interface Head<E> {
  entry: E;
  readonly rest: Generator<E>;
}

/** There are at most 100 sources, so looking at the next entry of each beats keeping a heap. */
function* merge<E extends EventEntry>(
  sources: Generator<E>[],
  isBefore: (a: number, b: number) => boolean,
): Generator<E> {
  const heads = sources.flatMap((rest): Head<E>[] => {
    const { done, value: entry } = rest.next();
    return done ? [] : [{ entry, rest }];
  });
  while (heads.length > 0) {
    const first = heads.reduce((best, head) => (isBefore(head.entry.event.pos, best.entry.event.pos) ? head : best));
    yield first.entry;
    const next = first.rest.next();
    if (next.done) {
      heads.splice(heads.indexOf(first), 1);
    } else {
      first.entry = next.value;
    }
  }
}
