import { DamageError } from '../errors.js';
import { isLost } from '../losses.js';
import type { RecordHead } from '../store/record.js';
import type { PageSource } from './event-pages.js';

/** Follows the links of a page's events, so that an entry missing from the index is not passed over in silence. */
export class LinkCheck {
  readonly #source: PageSource;
  readonly #after: number;
  readonly #lasts = new Map<string, number>();

  constructor(source: PageSource, after: number) {
    this.#source = source;
    this.#after = after;
  }

  follow(pos: number, { stream, generated, previous }: RecordHead): void {
    const kind = `${generated} ${stream}`;
    const last = this.#lasts.get(kind) ?? this.#after;
    const row = this.#source.streams.get(stream)?.row;
    if (previous > last && previous > Math.max(row?.trimmedTo ?? 0, row?.purgedTo ?? 0)) {
      this.#missing(previous);
    }
    this.#lasts.set(kind, pos);
  }

  /** The last events of named streams must have been among them. */
  checkEnds(names: readonly string[]): void {
    for (const name of names) {
      for (const generated of [true, false]) {
        const newest = this.#source.streams.get(name)?.lastOf(generated) ?? 0;
        if (newest > (this.#lasts.get(`${generated} ${name}`) ?? this.#after)) {
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
