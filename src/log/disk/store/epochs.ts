import { createEpoch } from '../../../events/cursor.js';
import { lowest } from '../../sorted-list.js';
import type { Epoch } from './meta.js';

/** Epochs remembered; a cursor of an older one is answered with `gap`/`epoch`. */
const MAX_EPOCHS = 10_000;

/** The runs of a log in their order: each assigned the positions from its first to before the next one's first. */
export class EpochList {
  readonly all: readonly Epoch[];
  readonly #indexOf: ReadonlyMap<string, number>;

  constructor(epochs: readonly Epoch[]) {
    this.all = epochs;
    this.#indexOf = new Map(epochs.map(({ name }, index) => [name, index]));
  }

  /** The list with one more, which begins after `head`. */
  begin(head: number): EpochList {
    const first = head + 1;
    // One that has assigned nothing is in no cursor, but for the first of all. Starts that failed must not push out the others.
    const used = this.all.filter((epoch, index) => index === 0 || epoch.first < first);
    return new EpochList([...used.slice(1 - MAX_EPOCHS), { name: createEpoch(), first }]);
  }

  /** The epoch that assigned a position; the oldest known one for what is older still. */
  nameAt(pos: number): string {
    const next = lowest(this.all, ({ first }) => first > pos);
    return this.all[Math.max(0, next - 1)]?.name ?? '';
  }

  /** The positions a cursor of an epoch may have; undefined for an epoch not known. */
  rangeOf(name: string, head: number): { readonly from: number; readonly to: number } | undefined {
    const index = this.#indexOf.get(name);
    const epoch = index === undefined ? undefined : this.all[index];
    if (index === undefined || epoch === undefined) {
      return undefined;
    }
    const next = this.all[index + 1];
    return { from: epoch.first - 1, to: next === undefined ? head : next.first - 1 };
  }
}
