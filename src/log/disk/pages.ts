import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { DamageError } from './damage.js';
import { newestMeta } from './preflight.js';

const HEADER_BYTES = 24;
const FLAGS_AT = 18;
const LOWER_AT = 20;
const UPPER_AT = 22;
const OVERFLOW_PAGES_AT = 20;
const NODE_BYTES = 8;
const TREE_BYTES = 48;
/** What a leaf has in place of large data: its page, its transaction, its number of pages. */
const OVERFLOW_LINK_BYTES = 24;
const BRANCH = 1;
const LEAF = 2;
const OVERFLOW = 4;
/** Of a node: its data is on pages of its own. */
const BIG_DATA = 1;

/** What is written of a tree where it is rooted. */
interface Tree {
  readonly depth: number;
  readonly entries: number;
  readonly root: number;
}

/** A key on a page. */
interface Key {
  readonly page: Buffer;
  readonly from: number;
  readonly to: number;
}

/** Told of an entry of a table. Both buffers are used again for the next one. */
export type Visit = (key: Buffer, value: Buffer) => void;

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
      new Walk(file, visitors[name.toString('latin1', 0, name.length - 1)]).tree(readTree(tree, 0));
    new Walk(file, visitTable).tree(readTree(mainTree, 0));
  } finally {
    closeSync(fd);
  }
}

/** The pages of a file, each read at most once. */
class DataFile {
  readonly pageBytes: number;
  readonly #fd: number;
  readonly #used: Uint8Array;

  constructor(fd: number, pageBytes: number, lastPage: number) {
    this.#fd = fd;
    this.pageBytes = pageBytes;
    this.#used = new Uint8Array(lastPage + 1);
    this.#used.fill(1, 0, 2);
  }

  read(page: Buffer, number: number, flag: number): void {
    for (let i = number; i < number + page.length / this.pageBytes; i++) {
      this.#use(i);
    }
    const bytes = readSync(this.#fd, page, 0, page.length, number * this.pageBytes);
    if (bytes < page.length || Number(page.readBigUInt64LE(0)) !== number || page.readUInt16LE(FLAGS_AT) !== flag) {
      throw damaged(number, 'it is not what it should be');
    }
  }

  #use(number: number): void {
    if (this.#used[number] !== 0) {
      throw damaged(number, 'it is used twice, or lies outside of the file');
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
    for (let i = 0; i <= depth; i++) {
      this.#pages.push(Buffer.alloc(this.#file.pageBytes));
    }
    const isEmpty = depth === 0 && entries === 0;
    if (!isEmpty && this.#page(root, depth, undefined, undefined) !== entries) {
      throw damaged(root, 'the tree under it lacks entries');
    }
  }

  /** Checks what is under a page; returns the number of entries. Keys are not below `min`, and below `max`. */
  #page(number: number, depth: number, min: Key | undefined, max: Key | undefined): number {
    const page = this.#pages[depth];
    if (page === undefined || depth === 0) {
      throw damaged(number, 'it lies too deep');
    }
    this.#file.read(page, number, depth === 1 ? LEAF : BRANCH);
    const nodes = nodesOf(page, number);
    let entries = 0;
    nodes.forEach((node, i) => {
      const next = nodes[i + 1];
      const isLeftmost = depth > 1 && i === 0;
      const key = isLeftmost ? min : keyOf(page, node);
      const end = next === undefined ? max : keyOf(page, next);
      if ((i === 0 && !isLeftmost && !isBefore(min, key, true)) || !isBefore(key, end, false)) {
        throw damaged(number, 'its keys are out of order');
      }
      entries += depth === 1 ? this.#entry(page, node) : this.#page(childOf(page, node), depth - 1, key, end);
    });
    return entries;
  }

  #entry(page: Buffer, node: number): number {
    const isElsewhere = (page.readUInt16LE(node + 4) & BIG_DATA) !== 0;
    const valueAt = node + NODE_BYTES + page.readUInt16LE(node + 6);
    const bytes = page.readUInt32LE(node);
    if (isElsewhere) {
      const value = this.#overflow(Number(page.readBigUInt64LE(valueAt)), bytes);
      this.#visit?.(page.subarray(node + NODE_BYTES, valueAt), value);
    } else {
      this.#visit?.(page.subarray(node + NODE_BYTES, valueAt), page.subarray(valueAt, valueAt + bytes));
    }
    return 1;
  }

  /** Large data has pages of its own, side by side under one head. */
  #overflow(number: number, bytes: number): Buffer {
    const { pageBytes } = this.#file;
    const count = Math.ceil((bytes + HEADER_BYTES) / pageBytes);
    const pages = Buffer.alloc(count * pageBytes);
    this.#file.read(pages, number, OVERFLOW);
    if (pages.readUInt32LE(OVERFLOW_PAGES_AT) !== count) {
      throw damaged(number, 'it holds another number of bytes');
    }
    return pages.subarray(HEADER_BYTES, HEADER_BYTES + bytes);
  }
}

function readTree(buffer: Buffer, at: number): Tree {
  return {
    depth: buffer.readUInt16LE(at + 6),
    entries: Number(buffer.readBigUInt64LE(at + 32)),
    root: Number(buffer.readBigUInt64LE(at + TREE_BYTES - 8)),
  };
}

/** Where the nodes of a page are on it: as many as it says, side by side down from its end. */
function nodesOf(page: Buffer, number: number): number[] {
  const count = page.readUInt16LE(LOWER_AT) >> 1;
  const upper = HEADER_BYTES + page.readUInt16LE(UPPER_AT);
  const nodes: number[] = [];
  let bytes = 0;
  for (let i = 0; i < count && HEADER_BYTES + 2 * i < upper; i++) {
    const node = HEADER_BYTES + page.readUInt16LE(HEADER_BYTES + 2 * i);
    if (node < upper || node + NODE_BYTES > page.length) {
      throw damaged(number, 'an entry lies outside of it');
    }
    bytes += bytesOf(page, node);
    nodes.push(node);
  }
  if (count === 0 || upper + bytes !== page.length) {
    throw damaged(number, 'its entries do not fill it');
  }
  return nodes;
}

function bytesOf(page: Buffer, node: number): number {
  const isLeaf = page.readUInt16LE(FLAGS_AT) === LEAF;
  const isElsewhere = (page.readUInt16LE(node + 4) & BIG_DATA) !== 0;
  const data = isElsewhere ? OVERFLOW_LINK_BYTES : page.readUInt32LE(node);
  const bytes = NODE_BYTES + page.readUInt16LE(node + 6) + (isLeaf ? data : 0);
  return bytes + (bytes % 2);
}

function keyOf(page: Buffer, node: number): Key {
  const from = node + NODE_BYTES;
  return { page, from, to: from + page.readUInt16LE(node + 6) };
}

function childOf(page: Buffer, node: number): number {
  return page.readUInt32LE(node) + page.readUInt16LE(node + 4) * 2 ** 32;
}

function isBefore(a: Key | undefined, b: Key | undefined, orSame: boolean): boolean {
  if (a === undefined || b === undefined) {
    return true;
  }
  const order = a.page.compare(b.page, b.from, b.to, a.from, a.to);
  return order < 0 || (orSame && order === 0);
}

function damaged(page: number, what: string): DamageError {
  return new DamageError(`page ${page} of data.mdb is damaged: ${what}`);
}
