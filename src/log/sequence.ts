import { lowest } from './sorted-list.js';

/** Something at a position that may be taken out of every sequence it is in by setting `gone`. */
export interface Entry {
  readonly event: { readonly pos: number };
  gone: boolean;
}

/** There may be a sequence for each of very many streams, so each may hold few that are gone. */
const MIN_GONE = 4;

/**
 * Entries in position order, appended at the end and taken out anywhere. Taking out only marks: the room is
 * reclaimed when half of the list is gone, so every operation costs amortised constant time.
 */
export class Sequence<E extends Entry> {
  #items: E[] = [];
  #head = 0;
  #gone = 0;

  get size(): number {
    return this.#items.length - this.#gone;
  }

  push(entry: E): void {
    this.#items.push(entry);
  }

  /** Must follow each `gone = true` of an entry in this sequence. */
  release(): void {
    this.#gone++;
    if (this.#gone > MIN_GONE && this.#gone * 2 > this.#items.length) {
      this.#items = this.#items.filter((entry) => !entry.gone);
      this.#head = 0;
      this.#gone = 0;
    }
  }

  /** The oldest entry. */
  first(): E | undefined {
    while (this.#items[this.#head]?.gone) {
      this.#head++;
    }
    return this.#items[this.#head];
  }

  /** The entry at a position. */
  at(pos: number): E | undefined {
    const entry = this.#items[this.#indexAfter(pos - 1)];
    return entry?.event.pos === pos && !entry.gone ? entry : undefined;
  }

  /** Entries after a position and up to another, oldest first. Must be used up or dropped before the sequence changes. */
  *after(pos: number, upTo: number): Generator<E> {
    const items = this.#items;
    const end = this.#indexAfter(upTo);
    for (let i = this.#indexAfter(pos); i < end; i++) {
      const entry = items[i] as E;
      if (!entry.gone) {
        yield entry;
      }
    }
  }

  /** Entries after a position, newest first, under the same condition. */
  *backwards(pos: number): Generator<E> {
    const begin = Math.max(this.#head, this.#indexAfter(pos));
    for (let i = this.#items.length - 1; i >= begin; i--) {
      const entry = this.#items[i] as E;
      if (!entry.gone) {
        yield entry;
      }
    }
  }

  /** The position up to which there are at most `count` entries after another; infinite when there are no more. */
  reach(pos: number, count: number): number {
    return (this.#items[this.#indexAfter(pos) + count]?.event.pos ?? Number.POSITIVE_INFINITY) - 1;
  }

  /** The position after which there are the newest `count` entries, at most. */
  beforeNewest(count: number): number {
    return this.#items.at(-count - 1)?.event.pos ?? 0;
  }

  #indexAfter(pos: number): number {
    return lowest(this.#items, ({ event }) => event.pos > pos);
  }
}
