import { isStateStream, prefixesOf } from '../events/names.js';
import type { Selection } from '../streams/selection.js';
import { SortedList } from './sorted-list.js';
import type { StreamState } from './stream-state.js';

/** Longer patterns are looked up by their first parts, so that a name of many parts does not take a list for each. */
const INDEXED_PARTS = 4;
/** States looked at for one selection; older ones are left out. */
const MAX_LOOKS = 20_000;

/** The state streams that have events, by the position of their latest, under every pattern that takes them in. */
export class LatestStates {
  readonly #byPrefix = new Map<string, SortedList<StreamState, number>>();

  /** Changes a stream's latest position, which orders it here. */
  move(state: StreamState, last: number): void {
    const lists = isStateStream(state.name) ? indexed(state.name).map((prefix) => this.#list(prefix)) : [];
    for (const list of lists) {
      list.delete(state);
    }
    state.last = last;
    for (const list of lists) {
      list.add(state);
    }
  }

  delete(state: StreamState): void {
    for (const prefix of indexed(state.name)) {
      const list = this.#byPrefix.get(prefix);
      list?.delete(state);
      if (list?.size === 0) {
        this.#byPrefix.delete(prefix);
      }
    }
  }

  /** Positions of the latest events of the chosen state streams, newest first, at most `limit`. */
  of({ names, prefixes }: Selection, limit: number, lookUp: (name: string) => StreamState | undefined): number[] {
    const named = names.filter(isStateStream).flatMap((name) => lookUp(name) ?? []);
    const budget = { looks: MAX_LOOKS };
    const found = [
      ...named.filter(({ events }) => events > 0),
      ...prefixes.flatMap((prefix) => this.#newest(prefix, limit, budget)),
    ];
    return found
      .map(({ last }) => last)
      .sort((a, b) => b - a)
      .slice(0, limit);
  }

  #newest(prefix: string, limit: number, budget: { looks: number }): StreamState[] {
    const found: StreamState[] = [];
    for (const state of this.#byPrefix.get(indexed(prefix).at(-1) ?? '')?.descending() ?? []) {
      const isEnough = state.name.startsWith(prefix) && found.push(state) === limit;
      if (isEnough || --budget.looks <= 0) {
        break;
      }
    }
    return found;
  }

  #list(prefix: string): SortedList<StreamState, number> {
    let list = this.#byPrefix.get(prefix);
    if (list === undefined) {
      list = new SortedList((state) => state.last);
      this.#byPrefix.set(prefix, list);
    }
    return list;
  }
}

function indexed(name: string): string[] {
  return prefixesOf(name).slice(0, INDEXED_PARTS);
}
