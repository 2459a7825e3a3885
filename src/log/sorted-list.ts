const BUCKET_SIZE = 512;

/**
 * Items in ascending order of a unique key, with a cheap rank: counting what lies above a key touches one number
 * per 512 items, never the items. An item's key must not change while it is in the list.
 */
export class SortedList<T, K extends number | string> {
  readonly #keyOf: (item: T) => K;
  readonly #buckets: T[][] = [];
  #size = 0;

  constructor(keyOf: (item: T) => K) {
    this.#keyOf = keyOf;
  }

  get size(): number {
    return this.#size;
  }

  /** The item with the least key. */
  first(): T | undefined {
    return this.#buckets[0]?.[0];
  }

  add(item: T): void {
    const key = this.#keyOf(item);
    const at = Math.min(this.#bucketOf(key), this.#buckets.length - 1);
    const bucket = this.#buckets[at];
    this.#size++;
    if (bucket === undefined) {
      this.#buckets.push([item]);
      return;
    }
    bucket.splice(this.#indexIn(bucket, key), 0, item);
    if (bucket.length > BUCKET_SIZE) {
      this.#buckets.splice(at + 1, 0, bucket.splice(BUCKET_SIZE / 2));
    }
  }

  delete(item: T): void {
    const key = this.#keyOf(item);
    const at = this.#bucketOf(key);
    const bucket = this.#buckets[at];
    const index = bucket === undefined ? -1 : this.#indexIn(bucket, key);
    if (bucket?.[index] !== item) {
      return;
    }
    bucket.splice(index, 1);
    this.#size--;
    if (bucket.length === 0) {
      this.#buckets.splice(at, 1);
    }
  }

  /** How many items have a key greater than `key`. */
  countAbove(key: K): number {
    let count = 0;
    for (let at = this.#buckets.length - 1; at >= 0; at--) {
      const bucket = this.#buckets[at] as T[];
      if (this.#keyOf(bucket[0] as T) <= key) {
        return count + bucket.length - this.#indexAbove(bucket, key);
      }
      count += bucket.length;
    }
    return count;
  }

  /** The greatest items with a key greater than `key`, at most `limit`, greatest first. */
  top(key: K, limit: number): T[] {
    const found: T[] = [];
    for (let at = this.#buckets.length - 1; at >= 0 && found.length < limit; at--) {
      const bucket = this.#buckets[at] as T[];
      const end = Math.max(this.#indexAbove(bucket, key), bucket.length - limit + found.length);
      for (let i = bucket.length - 1; i >= end; i--) {
        found.push(bucket[i] as T);
      }
      if (end > 0) {
        break;
      }
    }
    return found;
  }

  /** Items with a key greater than `key`, ascending. */
  *above(key: K): Generator<T> {
    for (let at = this.#bucketOf(key); at < this.#buckets.length; at++) {
      const bucket = this.#buckets[at] as T[];
      for (let i = this.#indexAbove(bucket, key); i < bucket.length; i++) {
        yield bucket[i] as T;
      }
    }
  }

  /** Items, greatest key first; those with a key up to `from` where it is given. */
  *descending(from?: K): Generator<T> {
    const last = this.#buckets.length - 1;
    for (let at = from === undefined ? last : Math.min(this.#bucketOf(from), last); at >= 0; at--) {
      const bucket = this.#buckets[at] as T[];
      const end = from === undefined ? bucket.length : this.#indexAbove(bucket, from);
      for (let i = end - 1; i >= 0; i--) {
        yield bucket[i] as T;
      }
    }
  }

  /** The first bucket whose last key is not below `key`; one past the end when there is none. */
  #bucketOf(key: K): number {
    return lowest(this.#buckets, (bucket) => this.#keyOf(bucket[bucket.length - 1] as T) >= key);
  }

  #indexIn(bucket: T[], key: K): number {
    return lowest(bucket, (item) => this.#keyOf(item) >= key);
  }

  #indexAbove(bucket: T[], key: K): number {
    return lowest(bucket, (item) => this.#keyOf(item) > key);
  }
}

/** Binary search: the lowest index from which on `holds` is true of the items; their number when it is of none. */
export function lowest<T>(items: readonly T[], holds: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(items[middle] as T)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}
