import { isStateStream } from '../events/names.js';
import { matches, type Selection } from '../streams/selection.js';
import { SortedList } from './sorted-list.js';
import type { StreamState } from './stream-state.js';

/** The state streams that have events, by the position of their latest. */
export class LatestStates {
  readonly #byLast = new SortedList<StreamState, number>((state) => state.last);

  /** Changes a stream's latest position, which orders it here. */
  move(state: StreamState, last: number): void {
    const isState = isStateStream(state.name);
    if (isState) {
      this.#byLast.delete(state);
    }
    state.last = last;
    if (isState) {
      this.#byLast.add(state);
    }
  }

  delete(state: StreamState): void {
    this.#byLast.delete(state);
  }

  /** Positions of the latest events of the chosen streams, ascending; of more than `limit`, the newest. */
  of(selection: Selection, limit: number, lookUp: (name: string) => StreamState | undefined): number[] {
    const found: number[] = [];
    for (const { name, last } of this.#candidates(selection, lookUp)) {
      if (matches(selection, name) && found.push(last) === limit) {
        break;
      }
    }
    return found.sort((a, b) => a - b);
  }

  /** A name is looked up; only a pattern has to look through all of them, and it stops at the limit. */
  #candidates(
    { names, prefixes }: Selection,
    lookUp: (name: string) => StreamState | undefined,
  ): Iterable<StreamState> {
    if (prefixes.some((prefix) => prefix === '' || isStateStream(prefix))) {
      return this.#byLast.descending();
    }
    return names
      .filter(isStateStream)
      .flatMap((name) => lookUp(name) ?? [])
      .filter((state) => state.events > 0);
  }
}
