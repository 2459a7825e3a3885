import {
  BRANCH,
  childOf,
  compareKeys,
  damagedPage,
  dataOf,
  HEADER_BYTES,
  type Key,
  keyOf,
  LEAF,
  markOf,
  nodesOf,
  OVERFLOW,
  OVERFLOW_PAGES_AT,
  type Tree,
} from './page.js';
import type { PageFile } from './page-file.js';

/** Told of an entry of a tree. Both buffers are used again for the next one. */
export type Visit = (key: Buffer, value: Buffer) => void;

const NOTHING = Buffer.alloc(0);

/** What is not alike in all trees. */
interface Kind {
  /** The order of its keys. */
  readonly compare?: (a: Key, b: Key) => number;
  /** How its entries are marked. */
  readonly mark?: number;
}

/** One tree, from its root to its leaves. */
export class PageTree {
  readonly #file: PageFile;
  readonly #visit: Visit | undefined;
  readonly #compare: (a: Key, b: Key) => number;
  readonly #mark: number;
  /** One for each depth: while a page is looked at, so are those above it. */
  readonly #pages: Buffer[] = [];

  constructor(file: PageFile, visit: Visit | undefined, { compare = compareKeys, mark = 0 }: Kind = {}) {
    this.#file = file;
    this.#visit = visit;
    this.#compare = compare;
    this.#mark = mark;
  }

  /** @throws DamageError */
  read({ depth, entries, root }: Tree): void {
    const isEmpty = depth === 0 && entries === 0;
    if (!isEmpty && this.#page(root, depth, undefined, undefined) !== entries) {
      throw damagedPage(root, 'the tree under it lacks entries');
    }
  }

  /** Checks what is under a page; returns the number of entries. Keys are not below `min`, and below `max`. */
  #page(number: number, depth: number, min: Key | undefined, max: Key | undefined): number {
    if (depth === 0) {
      throw damagedPage(number, 'it lies too deep');
    }
    const page = this.#pages[depth] ?? Buffer.alloc(this.#file.pageBytes);
    this.#pages[depth] = page;
    this.#file.read(page, number, depth === 1 ? LEAF : BRANCH);
    const nodes = nodesOf(page, number);
    // The first key of a branch means nothing: whatever is below the second is there.
    const keys = nodes.map((node, i) => (depth > 1 && i === 0 ? min : keyOf(page, node)));
    this.#checkOrder(number, min, keys, max);
    if (depth > 1) {
      return nodes.reduce(
        (sum, node, i) => sum + this.#page(childOf(page, node), depth - 1, keys[i], keys[i + 1] ?? max),
        0,
      );
    }
    for (const node of nodes) {
      this.#entry(page, number, node);
    }
    return nodes.length;
  }

  #entry(page: Buffer, number: number, node: number): void {
    if (markOf(page, node) !== this.#mark) {
      throw damagedPage(number, 'an entry is not what it should be');
    }
    const { isElsewhere, at, bytes } = dataOf(page, node);
    const { from, to } = keyOf(page, node);
    const value = isElsewhere ? this.#overflow(at, bytes) : part(page, at, at + bytes);
    this.#visit?.(part(page, from, to), value);
  }

  /** Large data has pages of its own, side by side under one head. */
  #overflow(number: number, bytes: number): Buffer {
    const { pageBytes } = this.#file;
    const count = Math.ceil((bytes + HEADER_BYTES) / pageBytes);
    // Before it costs memory: four damaged bytes may ask for 4 GiB.
    if (count > this.#file.pages) {
      throw damagedPage(number, 'it is larger than the file');
    }
    const pages = Buffer.alloc(count * pageBytes);
    this.#file.read(pages, number, OVERFLOW);
    if (pages.readUInt32LE(OVERFLOW_PAGES_AT) !== count) {
      throw damagedPage(number, 'it holds another number of bytes');
    }
    return part(pages, HEADER_BYTES, HEADER_BYTES + bytes);
  }

  #checkOrder(number: number, min: Key | undefined, keys: readonly (Key | undefined)[], max: Key | undefined): void {
    const [first] = keys;
    let isInOrder = this.#isBefore(min, first, true);
    keys.forEach((key, i) => {
      isInOrder &&= this.#isBefore(key, keys[i + 1] ?? max, false);
    });
    if (!isInOrder) {
      throw damagedPage(number, 'its keys are out of order');
    }
  }

  #isBefore(a: Key | undefined, b: Key | undefined, orSame: boolean): boolean {
    if (a === undefined || b === undefined) {
      return true;
    }
    const order = this.#compare(a, b);
    return order < 0 || (orSame && order === 0);
  }
}

function part(buffer: Buffer, from: number, to: number): Buffer {
  return from === to ? NOTHING : buffer.subarray(from, to);
}
