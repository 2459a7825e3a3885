import { type Entry, Sequence } from './sequence.js';

/** Sequences by key: each is made for its first entry, and dropped with its last. */
export class SequenceMap<E extends Entry> {
  readonly #byKey = new Map<string, Sequence<E>>();

  get(key: string): Sequence<E> | undefined {
    return this.#byKey.get(key);
  }

  push(key: string, entry: E): void {
    let sequence = this.#byKey.get(key);
    if (sequence === undefined) {
      sequence = new Sequence();
      this.#byKey.set(key, sequence);
    }
    sequence.push(entry);
  }

  /** Must follow each `gone = true` of an entry that was pushed under this key. */
  release(key: string): void {
    const sequence = this.#byKey.get(key);
    sequence?.release();
    if (sequence?.size === 0) {
      this.#byKey.delete(key);
    }
  }
}
