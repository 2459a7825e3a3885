import { DamageError } from '../errors.js';
import { LastPositions } from '../last-positions.js';
import { isLost } from '../losses.js';
import type { RecordHead } from '../store/record.js';
import type { PageSource } from './event-pages.js';

/** Follows the links of a page's events, so that an entry missing from the index is not passed over in silence. */
export class LinkCheck {
  readonly #source: PageSource;
  readonly #after: number;
  readonly #lasts = new LastPositions();

  constructor(source: PageSource, after: number) {
    this.#source = source;
    this.#after = after;
  }

  follow(pos: number, { stream, generated, previous }: RecordHead): void {
    const last = this.#lasts.get(stream, generated) ?? this.#after;
    const row = this.#source.streams.get(stream)?.row;
    if (previous > last && previous > Math.max(row?.trimmedTo ?? 0, row?.purgedTo ?? 0)) {
      this.#missing(previous);
    }
    this.#lasts.set(stream, generated, pos);
  }

  /** The last events of named streams must have been among them. */
  checkEnds(names: readonly string[]): void {
    for (const name of names) {
      for (const generated of [true, false]) {
        const newest = this.#source.streams.get(name)?.lastOf(generated) ?? 0;
        if (newest > (this.#lasts.get(name, generated) ?? this.#after)) {
          this.#missing(newest);
        }
      }
    }
  }

  #missing(pos: number): void {
    if (!isLost(this.#source.losses, pos)) {
      throw new DamageError(`the event at position ${pos} is missing`, pos);
    }
  }
}
