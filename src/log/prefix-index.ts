import { prefixesOf } from '../events/names.js';
import { SortedList } from './sorted-list.js';
import type { StreamState } from './stream-state.js';

export type StreamList = SortedList<StreamState, number>;

/** Streams under every pattern that takes them in, ordered by one of their numbers. */
export class PrefixIndex {
  readonly #byPrefix = new Map<string, StreamList>();
  readonly #keyOf: (state: StreamState) => number;
  readonly #prefixesOf: (name: string) => string[];

  /**
   * @param keyOf the number, which must not change while a stream is here, except through `move`
   * @param prefixes those under which a name is found
   */
  constructor(keyOf: (state: StreamState) => number, prefixes: (name: string) => string[] = prefixesOf) {
    this.#keyOf = keyOf;
    this.#prefixesOf = prefixes;
  }

  get(prefix: string): StreamList | undefined {
    return this.#byPrefix.get(prefix);
  }

  /** Puts a stream in, or moves it, under the number that `change` gives it. */
  move(state: StreamState, change: () => void): void {
    const lists = this.#prefixesOf(state.name).map((prefix) => this.#list(prefix));
    for (const list of lists) {
      list.delete(state);
    }
    change();
    for (const list of lists) {
      list.add(state);
    }
  }

  delete(state: StreamState): void {
    for (const prefix of this.#prefixesOf(state.name)) {
      const list = this.#byPrefix.get(prefix);
      list?.delete(state);
      if (list?.size === 0) {
        this.#byPrefix.delete(prefix);
      }
    }
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
