import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import {
  BRANCH,
  childOf,
  compareKeys,
  damagedPage,
  dataOf,
  FLAGS_AT,
  HEADER_BYTES,
  type Key,
  keyOf,
  LEAF,
  nodesOf,
  OVERFLOW,
  OVERFLOW_PAGES_AT,
  readTree,
  type Tree,
} from './page.js';
import { newestMeta } from './preflight.js';
import { ReadAhead } from './read-ahead.js';

/** Told of an entry of a table. Both buffers are used again for the next one. */
export type Visit = (key: Buffer, value: Buffer) => void;

const NOTHING = Buffer.alloc(0);

/**
 * Reads all tables straight from a data file, and checks its pages on the way: every page is what it says and is used
 * once, every key is where a search for it would go, and each tree has as many entries as it should. LMDB has no
 * checksums, and believes all of that. The file must not be written meanwhile.
 * @param visitors by table; the others are checked all the same
 * @throws DamageError
 */
export function readPages(directory: string, visitors: Readonly<Record<string, Visit>>): void {
  const fd = openSync(join(directory, 'data.mdb'), 'r');
  try {
    const { pageBytes, lastPage, mainTree } = newestMeta(fd);
    const file = new DataFile(fd, pageBytes, Number(lastPage));
    // The names of tables end with a zero byte.
    const visitTable: Visit = (name, tree) =>
      new Walk(file, visitors[name.toString('latin1', 0, name.length - 1)]).tree(readTree(tree));
    new Walk(file, visitTable).tree(readTree(mainTree));
  } finally {
    closeSync(fd);
  }
}

/** The pages of a file, each read at most once. */
class DataFile {
  readonly pageBytes: number;
  readonly pages: number;
  readonly #file: ReadAhead;
  readonly #used: Uint8Array;

  constructor(fd: number, pageBytes: number, lastPage: number) {
    this.#file = new ReadAhead(fd);
    this.pageBytes = pageBytes;
    this.pages = lastPage + 1;
    this.#used = new Uint8Array(this.pages);
    this.#used.fill(1, 0, 2);
  }

  read(page: Buffer, number: number, flag: number): void {
    for (let i = number; i < number + page.length / this.pageBytes; i++) {
      this.#use(i);
    }
    const bytes = this.#file.read(page, number * this.pageBytes);
    if (bytes < page.length || Number(page.readBigUInt64LE(0)) !== number || page.readUInt16LE(FLAGS_AT) !== flag) {
      throw damagedPage(number, 'it is not what it should be');
    }
  }

  #use(number: number): void {
    if (this.#used[number] !== 0) {
      throw damagedPage(number, 'it is used twice, or lies outside of the file');
    }
    this.#used[number] = 1;
  }
}

/** One tree, from its root to its leaves. */
class Walk {
  readonly #file: DataFile;
  readonly #visit: Visit | undefined;
  /** One for each depth: while a page is looked at, so are those above it. */
  readonly #pages: Buffer[] = [];

  constructor(file: DataFile, visit: Visit | undefined) {
    this.#file = file;
    this.#visit = visit;
  }

  tree({ depth, entries, root }: Tree): void {
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
    checkOrder(number, min, keys, max);
    if (depth > 1) {
      return nodes.reduce(
        (sum, node, i) => sum + this.#page(childOf(page, node), depth - 1, keys[i], keys[i + 1] ?? max),
        0,
      );
    }
    for (const node of nodes) {
      this.#entry(page, node);
    }
    return nodes.length;
  }

  #entry(page: Buffer, node: number): void {
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
}

function checkOrder(
  number: number,
  min: Key | undefined,
  keys: readonly (Key | undefined)[],
  max: Key | undefined,
): void {
  const [first] = keys;
  let isInOrder = isBefore(min, first, true);
  keys.forEach((key, i) => {
    isInOrder &&= isBefore(key, keys[i + 1] ?? max, false);
  });
  if (!isInOrder) {
    throw damagedPage(number, 'its keys are out of order');
  }
}

function isBefore(a: Key | undefined, b: Key | undefined, orSame: boolean): boolean {
  if (a === undefined || b === undefined) {
    return true;
  }
  const order = compareKeys(a, b);
  return order < 0 || (orSame && order === 0);
}

function part(buffer: Buffer, from: number, to: number): Buffer {
  return from === to ? NOTHING : buffer.subarray(from, to);
}
