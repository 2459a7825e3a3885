import { indexedPrefixesOf, indexedPrefixOf } from '../events/names.js';
import { SortedList } from './sorted-list.js';
import type { StreamState } from './stream-state.js';

type StreamList = SortedList<StreamState, number>;

/** How much one look-up, of all patterns of a selection, may cost. */
interface Budget {
  looks: number;
}

export const MAX_LOOKS = 20_000;

/** Streams under every pattern that takes them in, ordered by one of their numbers. */
export class PrefixIndex {
  readonly #byPrefix = new Map<string, StreamList>();
  readonly #keyOf: (state: StreamState) => number;

  /** @param keyOf the number, which must not change while a stream is here, except through `move` */
  constructor(keyOf: (state: StreamState) => number) {
    this.#keyOf = keyOf;
  }

  /**
   * How many streams under a pattern have a number greater than `key`, and those with the greatest, at most `limit`.
   * @param budget how many may be looked at where the pattern is longer than there is a list for; none left: it was not enough
   */
  above(prefix: string, key: number, limit: number, budget: Budget): { count: number; states: StreamState[] } {
    const indexed = indexedPrefixOf(prefix);
    const list = this.#byPrefix.get(indexed);
    if (list === undefined || indexed === prefix) {
      return { count: list?.countAbove(key) ?? 0, states: list?.top(key, limit) ?? [] };
    }
    const states: StreamState[] = [];
    let count = 0;
    for (const state of list.descending()) {
      if (this.#keyOf(state) <= key || budget.looks === 0) {
        break;
      }
      budget.looks--;
      if (state.name.startsWith(prefix) && ++count <= limit) {
        states.push(state);
      }
    }
    return { count, states };
  }

  /** The streams under a pattern with the greatest numbers up to `from`, at most `limit`; `budget` is for others passed by. */
  upTo(prefix: string, from: number, limit: number, budget: Budget): StreamState[] {
    const states: StreamState[] = [];
    for (const state of this.#byPrefix.get(indexedPrefixOf(prefix))?.descending(from) ?? []) {
      if (states.length >= limit || budget.looks === 0) {
        break;
      }
      if (state.name.startsWith(prefix)) {
        states.push(state);
      } else {
        budget.looks--;
      }
    }
    return states;
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

  #list(prefix: string): StreamList {
    let list = this.#byPrefix.get(prefix);
    if (list === undefined) {
      list = new SortedList(this.#keyOf);
      this.#byPrefix.set(prefix, list);
    }
    return list;
  }
}
