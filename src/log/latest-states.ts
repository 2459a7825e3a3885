import { isStateStream } from '../events/names.js';
import type { Selection } from '../events/selection.js';
import { PrefixIndex } from './prefix-index.js';
import type { StreamState } from './stream-state.js';

/** States looked at for one selection; older ones are left out. */
const MAX_LOOKS = 20_000;

/** The state streams that have events, by the position of their latest, under every pattern that takes them in. */
export class LatestStates {
  readonly #index = new PrefixIndex(({ last }) => last);

  /** Changes a stream's latest position, which orders it here. */
  move(state: StreamState, last: number): void {
    if (isStateStream(state.name)) {
      this.#index.move(state, () => {
        state.last = last;
      });
    } else {
      state.last = last;
    }
  }

  delete(state: StreamState): void {
    this.#index.delete(state);
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
    for (const state of this.#index.descending(prefix)) {
      const isEnough = state.name.startsWith(prefix) && found.push(state) === limit;
      if (isEnough || --budget.looks <= 0) {
        break;
      }
    }
    return found;
  }
}
