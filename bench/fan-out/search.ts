/** The search ends when what is kept and what is not are this close. */
const PRECISION = 1.06;
const LEAST = 1;

/** Looks for the highest rate that is kept: up by a factor until one is not, then by halves. */
export class Search {
  readonly #first: number;
  readonly #growth: number;
  readonly #limit: number;
  #low = 0;
  #high = Number.POSITIVE_INFINITY;

  constructor(first: number, growth: number, limit: number) {
    this.#first = first;
    this.#growth = growth;
    this.#limit = limit;
  }

  /** The rate to try now; undefined when the search is over. */
  get next(): number | undefined {
    const [low, high] = [this.#low, this.#high];
    if (low >= this.#limit || high <= LEAST || high / low <= PRECISION) {
      return undefined;
    }
    if (high === Number.POSITIVE_INFINITY) {
      return Math.min(this.#limit, low === 0 ? this.#first : low * this.#growth);
    }
    return low === 0 ? high / 2 : Math.sqrt(low * high);
  }

  /** The highest rate that was kept; 0 for none. */
  get highest(): number {
    return this.#low;
  }

  note(rate: number, isKept: boolean): void {
    if (isKept) {
      this.#low = rate;
    } else {
      this.#high = rate;
    }
  }
}
