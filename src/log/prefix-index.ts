import { indexedPrefixesOf } from '../events/names.js';
import { SortedList } from './sorted-list.js';
import type { StreamState } from './stream-state.js';

type StreamList = SortedList<StreamState, number>;

/** Streams under every pattern that takes them in, ordered by one of their numbers. */
export class PrefixIndex {
  readonly #byPrefix = new Map<string, StreamList>();
  readonly #none: StreamList = new SortedList(({ last }) => last);
  readonly #keyOf: (state: StreamState) => number;

  /** @param keyOf the number, which must not change while a stream is here, except through `move` */
  constructor(keyOf: (state: StreamState) => number) {
    this.#keyOf = keyOf;
  }

  /** How many streams under a pattern have a number greater than `key`. */
  countAbove(prefix: string, key: number): number {
    const [list, isOther] = this.#find(prefix);
    return isOther ? this.top(prefix, key, list.size).length : list.countAbove(key);
  }

  /** The streams with the greatest numbers, of those greater than `key`, at most `limit`, greatest first. */
  top(prefix: string, key: number, limit: number): StreamState[] {
    const [list, isOther] = this.#find(prefix);
    return isOther ? list.top(key, list.size).filter(isUnder(prefix)).slice(0, limit) : list.top(key, limit);
  }

  /** Streams, greatest number first; of a longer pattern than there is a list for, others are among them. */
  descending(prefix: string): Iterable<StreamState> {
    return this.#find(prefix)[0].descending();
  }

  /** Puts a stream in, or moves it, under the number that `change` gives it. */
  move(state: StreamState, change: () => void): void {
    const lists = indexedPrefixesOf(state.name).map((prefix) => this.#list(prefix));
    for (const list of lists) {
      list.delete(state);
    }
    change();
    for (const list of lists) {
      list.add(state);
    }
  }

  delete(state: StreamState): void {
    for (const prefix of indexedPrefixesOf(state.name)) {
      const list = this.#byPrefix.get(prefix);
      list?.delete(state);
      if (list?.size === 0) {
        this.#byPrefix.delete(prefix);
      }
    }
  }

  /** The list to look in, and whether others are in it, too. */
  #find(prefix: string): [StreamList, boolean] {
    const indexed = indexedPrefixesOf(prefix).at(-1) ?? '';
    return [this.#byPrefix.get(indexed) ?? this.#none, indexed !== prefix];
  }

  #list(prefix: string): StreamList {
    let list = this.#byPrefix.get(prefix);
    if (list === undefined) {
      list = new SortedList(this.#keyOf);
      this.#byPrefix.set(prefix, list);
    }
    return list;
  }
}

function isUnder(prefix: string) {
  return ({ name }: StreamState) => name.startsWith(prefix);
}
