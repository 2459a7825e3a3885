import { SortedList } from './sorted-list.js';

/** Items in the order of their names, to be listed page by page. */
export class NameList<T> extends SortedList<T, string> {
  readonly #nameOf: (item: T) => string;

  constructor(nameOf: (item: T) => string) {
    super(nameOf);
    this.#nameOf = nameOf;
  }

  /** Items whose names start with `prefix` and come after `after`, at most `limit`. */
  *page(prefix: string, after: string, limit: number): Generator<T> {
    let left = limit;
    for (const item of this.above(keyBefore(prefix, after))) {
      if (left-- === 0 || !this.#nameOf(item).startsWith(prefix)) {
        return;
      }
      yield item;
    }
  }
}

/** A key just before the names that start with `prefix` and come after `after`; names have no control characters. */
function keyBefore(prefix: string, after: string): string {
  if (after >= prefix) {
    return after;
  }
  const last = prefix.length - 1;
  return `${prefix.slice(0, last)}${String.fromCharCode(prefix.charCodeAt(last) - 1)}\uffff`;
}
