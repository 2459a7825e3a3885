import { isStateStream } from '../events/names.js';
import type { Selection } from '../events/selection.js';
import { MAX_LOOKS, PrefixIndex } from './prefix-index.js';
import type { StreamState } from './stream-state.js';

/**
 * The state streams that have their latest event, by its position, under every pattern that takes them in. It may have been
 * trimmed before older ones, of a generator.
 */
export class LatestStates {
  readonly #index = new PrefixIndex(({ last }) => last);

  /** Changes a stream's latest position, which orders it here. */
  move(state: StreamState, last: number): void {
    if (isStateStream(state.name) && last > state.trimmedTo) {
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

  /**
   * Positions of the latest events of the chosen state streams, newest first, at most `limit`, as far as the budget goes. Where
   * the latest lies after `upTo` there is none.
   */
  of({ names, prefixes }: Selection, limit: number, upTo: number, lookUp: LookUp): number[] {
    const named = names.filter(isStateStream).flatMap((name) => lookUp(name) ?? []);
    const budget = { looks: MAX_LOOKS };
    const found = [
      ...named.filter(({ events, last, trimmedTo }) => events > 0 && last > trimmedTo && last <= upTo),
      ...prefixes.flatMap((prefix) => this.#index.upTo(prefix, upTo, limit, budget)),
    ];
    return found
      .map(({ last }) => last)
      .sort((a, b) => b - a)
      .slice(0, limit);
  }
}

type LookUp = (name: string) => StreamState | undefined;
