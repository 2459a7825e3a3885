interface Tally {
  count: number;
  sum: number;
}

/** Holds the index against the events: for each stream as many positions, with the same sum. */
export class IndexCheck {
  readonly #tallies = new Map<number, Tally>();

  /** An event of a stream is there. */
  expect(id: number, pos: number): void {
    this.#add(id, 1, pos);
  }

  /** The index lists it. */
  found(id: number, pos: number): void {
    this.#add(id, -1, -pos);
  }

  get isRight(): boolean {
    return [...this.#tallies.values()].every(({ count, sum }) => count === 0 && sum === 0);
  }

  #add(id: number, count: number, sum: number): void {
    const tally = this.#tallies.get(id);
    if (tally === undefined) {
      this.#tallies.set(id, { count, sum });
    } else {
      tally.count += count;
      tally.sum += sum;
    }
  }
}
