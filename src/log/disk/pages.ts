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
/** Of a node: its data is on pages of its own, or is another tree. */
const BIG_DATA = 1;
const SUB_TREE = 2;

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

/**
 * Walks all trees of a data file: every page is what it says and is used once, every key is where a search for it
 * would go, and each tree has as many entries as it should. LMDB has no checksums, and believes all of that.
 * The file must not be written meanwhile.
 * @throws DamageError
 */
export function checkPages(directory: string): void {
  const fd = openSync(join(directory, 'data.mdb'), 'r');
  try {
    const { pageBytes, lastPage, mainTree } = newestMeta(fd);
    new Walk(fd, pageBytes, Number(lastPage)).tree(readTree(mainTree, 0));
  } finally {
    closeSync(fd);
  }
}

class Walk {
  readonly #fd: number;
  readonly #pageBytes: number;
  readonly #used: Uint8Array;

  constructor(fd: number, pageBytes: number, lastPage: number) {
    this.#fd = fd;
    this.#pageBytes = pageBytes;
    this.#used = new Uint8Array(lastPage + 1);
    this.#used.fill(1, 0, 2);
  }

  tree({ depth, entries, root }: Tree): void {
    const isEmpty = depth === 0 && entries === 0;
    if (!isEmpty && this.#page(root, depth, undefined, undefined) !== entries) {
      throw damaged(root, 'the tree under it lacks entries');
    }
  }

  /** Checks what is under a page; returns the number of entries. Keys are not below `min`, and below `max`. */
  #page(number: number, depth: number, min: Key | undefined, max: Key | undefined): number {
    const page = this.#read(number, depth === 1 ? LEAF : BRANCH);
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
      entries += depth === 1 ? this.#leaf(page, node) : this.#page(childOf(page, node), depth - 1, key, end);
    });
    return entries;
  }

  #leaf(page: Buffer, node: number): number {
    const flags = page.readUInt16LE(node + 4);
    const data = node + NODE_BYTES + page.readUInt16LE(node + 6);
    if (flags & SUB_TREE) {
      this.tree(readTree(page, data));
    } else if (flags & BIG_DATA) {
      this.#overflow(Number(page.readBigUInt64LE(data)), page.readUInt32LE(node));
    }
    return 1;
  }

  #overflow(number: number, bytes: number): void {
    const count = this.#read(number, OVERFLOW).readUInt32LE(OVERFLOW_PAGES_AT);
    if (count !== Math.ceil((bytes + HEADER_BYTES) / this.#pageBytes)) {
      throw damaged(number, 'it holds another number of bytes');
    }
    for (let i = 1; i < count; i++) {
      this.#use(number + i);
    }
  }

  #read(number: number, flag: number): Buffer {
    this.#use(number);
    const page = Buffer.allocUnsafe(this.#pageBytes);
    const bytes = readSync(this.#fd, page, 0, page.length, number * page.length);
    if (bytes < page.length || Number(page.readBigUInt64LE(0)) !== number || page.readUInt16LE(FLAGS_AT) !== flag) {
      throw damaged(number, 'it is not what it should be');
    }
    return page;
  }

  #use(number: number): void {
    if (this.#used[number] !== 0) {
      throw damaged(number, 'it is used twice, or lies outside of the file');
    }
    this.#used[number] = 1;
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
