import type { StoredEvent } from '../events/event.js';
import { indexedPrefixesOf, indexedPrefixOf } from '../events/names.js';
import type { Selection } from '../events/selection.js';
import { merge } from './merge.js';
import { MAX_LOOKS } from './prefix-index.js';
import { type Entry, Sequence } from './sequence.js';
import { SequenceMap } from './sequence-map.js';

/** Entries that one page may look at in vain: a millisecond at most. */
const PAGE_LOOKS = 5000;

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
  readonly #byStream = new SequenceMap<E>();
  readonly #byPrefix = new SequenceMap<E>();

  get size(): number {
    return this.#all.size;
  }

  push(entry: E): void {
    const { stream } = entry.event;
    this.#all.push(entry);
    this.#byStream.push(stream, entry);
    for (const prefix of dottedPrefixesOf(stream)) {
      this.#byPrefix.push(prefix, entry);
    }
  }

  remove(entry: E): void {
    if (entry.gone) {
      return;
    }
    const { stream } = entry.event;
    entry.gone = true;
    this.#all.release();
    this.#byStream.release(stream);
    for (const prefix of dottedPrefixesOf(stream)) {
      this.#byPrefix.release(prefix);
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
    return [...(this.#byStream.get(stream)?.after(0, pos) ?? [])];
  }

  /**
   * The position where a page must end, because finding more would cost too many looks in vain: a pattern longer than any
   * list is searched for in the list of a shorter one. Infinite when the page may go to the end.
   */
  reach(selection: Selection, pos: number): number {
    const lists = searchedLists(selection);
    const share = Math.ceil(PAGE_LOOKS / lists.length);
    const ends = lists.map((indexed) => this.#byPrefix.get(indexed)?.reach(pos, share) ?? Number.POSITIVE_INFINITY);
    // Either bounds the looks: the first goes far where the lists are short, the second where one of many is busy.
    return Math.max(Math.min(...ends), this.#all.reach(pos, PAGE_LOOKS));
  }

  /** The position where a search for the newest entries of a selection stops looking in vain; 0 when it may look at all. */
  searchFrom(selection: Selection): number {
    const lists = searchedLists(selection);
    const share = Math.ceil(MAX_LOOKS / lists.length);
    return Math.max(0, ...lists.map((indexed) => this.#byPrefix.get(indexed)?.beforeNewest(share) ?? 0));
  }

  /** The entries of a selection after a position and up to another, oldest first. */
  after(selection: Selection, pos: number, upTo: number): Iterable<E> {
    return merge(
      this.#walks(selection, (sequence) => sequence.after(pos, upTo)),
      (a, b) => a < b,
    );
  }

  /** The entries of a selection after a position, newest first. */
  backwards(selection: Selection, pos: number): Iterable<E> {
    return merge(
      this.#walks(selection, (sequence) => sequence.backwards(pos)),
      (a, b) => a > b,
    );
  }

  /** A canonical selection takes in a stream once at most, so these have no entry in common. */
  #walks({ names, prefixes }: Selection, walk: (sequence: Sequence<E>) => Generator<E>): Generator<E>[] {
    const ofNames = names.flatMap((name) => this.#byStream.get(name) ?? []).map(walk);
    return ofNames.concat(
      [...byList(prefixes)].flatMap(([indexed, wanted]) => {
        const sequence = indexed === '' ? this.#all : this.#byPrefix.get(indexed);
        return sequence === undefined ? [] : under(wanted, indexed, walk(sequence));
      }),
    );
  }
}

/** The lists in which something else is looked for than all that is in them. */
function searchedLists({ prefixes }: Selection): string[] {
  return [...byList(prefixes)].flatMap(([indexed, wanted]) => (wanted.includes(indexed) ? [] : indexed));
}

/** Prefixes by the list that each is looked for in. */
function byList(prefixes: readonly string[]): Map<string, string[]> {
  const lists = new Map<string, string[]>();
  for (const prefix of prefixes) {
    const indexed = indexedPrefixOf(prefix);
    lists.set(indexed, [...(lists.get(indexed) ?? []), prefix]);
  }
  return lists;
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
