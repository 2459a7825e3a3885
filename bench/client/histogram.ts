const BUCKETS_PER_MS = 100;
const MAX_MS = 20_000;

/** Latencies in steps of 10 µs, up to 20 s. Recording allocates nothing. */
export class Histogram {
  readonly #buckets = new Uint32Array(MAX_MS * BUCKETS_PER_MS);
  #count = 0;
  #max = 0;

  record(ms: number): void {
    const bucket = Math.min(Math.max(0, Math.floor(ms * BUCKETS_PER_MS)), this.#buckets.length - 1);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count++;
    this.#max = Math.max(this.#max, ms);
  }

  /** @param share 0.99 for the time that 99 % do not exceed */
  quantile(share: number): number {
    const wanted = this.#count * share;
    let seen = 0;
    for (let bucket = 0; bucket < this.#buckets.length; bucket++) {
      seen += this.#buckets[bucket] ?? 0;
      if (seen >= wanted && seen > 0) {
        return bucket / BUCKETS_PER_MS;
      }
    }
    return 0;
  }

  get max(): number {
    return this.#max;
  }

  clear(): void {
    this.#buckets.fill(0);
    this.#count = 0;
    this.#max = 0;
  }
}
