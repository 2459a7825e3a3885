import { matches, type Selection } from '../events/selection.js';
import type { Told, Trimmed } from './known-streams.js';
import { MAX_LOOKS, PrefixIndex } from './prefix-index.js';
import { SortedList } from './sorted-list.js';
import type { StreamState } from './stream-state.js';

/** Streams named in a verdict. */
const NAMED_STREAMS = 100;

/**
 * How far each stream was trimmed, by stream and by every pattern that takes it in: a pattern's verdict is a look-up,
 * not a walk over its streams, unless it has many parts; then what is not looked at counts as trimmed. What is forgotten
 * raises the floor, which counts for every stream that is not known.
 */
export class TrimIndex {
  readonly #byPrefix = new PrefixIndex(({ trimmedTo }) => trimmedTo);
  readonly #byTime = new SortedList<StreamState, number>((state) => state.trimmedAt);
  #floor = 0;
  #floorAt = 0;
  /** Trims so far. */
  count = 0;

  get floor(): number {
    return this.#floor;
  }

  restoreFloor(floor: number): void {
    this.#floor = floor;
  }

  /** A stream begins: it may be one that was forgotten, so it begins at the floor. */
  adopt(state: StreamState): void {
    if (this.#floor > 0) {
      state.trimmedTo = this.#floor;
      state.trimmedAt = this.#floorAt;
    }
  }

  set(state: StreamState, trimmedTo: number): void {
    this.#byTime.delete(state);
    this.#byPrefix.move(state, () => {
      state.trimmedTo = trimmedTo;
    });
    state.trimmedAt = ++this.count;
    this.#byTime.add(state);
  }

  forget(state: StreamState): void {
    // Place and time each grow on their own: together that is cautious, and a late trim below the floor still counts.
    this.#floor = Math.max(this.#floor, state.trimmedTo, state.last);
    this.#floorAt = Math.max(this.#floorAt, state.trimmedAt);
    this.#byTime.delete(state);
    this.#byPrefix.delete(state);
  }

  /** What of a selection was trimmed after a position. */
  after(selection: Selection, pos: number, lookUp: LookUp): Trimmed {
    const named = this.#named(selection, lookUp).filter((state) => state.trimmedTo > pos);
    const streams = named.map(({ name }) => name);
    let count = named.length;
    const budget = { looks: MAX_LOOKS };
    for (const prefix of selection.prefixes) {
      const found = this.#byPrefix.above(prefix, pos, NAMED_STREAMS - streams.length, budget);
      streams.push(...found.states.map(({ name }) => name));
      count += found.count;
    }
    return {
      count,
      streams,
      floor: (this.#floor > pos && isOpen(selection, lookUp)) || budget.looks === 0,
    };
  }

  /** Whether anything of it was trimmed after a position since the count of trims was `trims`, but for what was told. */
  since(selection: Selection, pos: number, trims: number, lookUp: LookUp, told = NOTHING): boolean {
    if (this.count === trims) {
      return false;
    }
    const isNew = (state: StreamState) => state.trimmedTo > pos && state.trimmedAt > trims && !isTold(state, told);
    return (
      (this.#isFloorNew(pos, trims, told) && isOpen(selection, lookUp)) ||
      this.#named(selection, lookUp).some(isNew) ||
      (selection.prefixes.length > 0 && this.#trimmedIn(selection, pos, trims, told))
    );
  }

  #isFloorNew(pos: number, trims: number, { floor, upTo }: Told): boolean {
    return this.#floor > pos && this.#floorAt > trims && !(floor && this.#floor <= upTo);
  }

  #trimmedIn(selection: Selection, pos: number, trims: number, told: Told): boolean {
    for (const state of this.#byTime.descending()) {
      if (state.trimmedAt <= trims) {
        return false;
      }
      if (state.trimmedTo > pos && matches(selection, state.name) && !isTold(state, told)) {
        return true;
      }
    }
    return false;
  }

  #named(selection: Selection, lookUp: LookUp): StreamState[] {
    return selection.names.flatMap((name) => lookUp(name) ?? []);
  }
}

type LookUp = (name: string) => StreamState | undefined;

const NOTHING: Told = { streams: new Set(), floor: false, upTo: 0 };

function isTold({ name, trimmedTo }: StreamState, { streams, upTo }: Told): boolean {
  return trimmedTo <= upTo && streams.has(name);
}

/** Whether a selection takes in streams that are not known. */
function isOpen(selection: Selection, lookUp: LookUp): boolean {
  return selection.prefixes.length > 0 || selection.names.some((name) => lookUp(name) === undefined);
}
