import { DamageError } from '../errors.js';

/** The layout of LMDB's pages: a head, the places of the nodes, free room, and the nodes up to the end. */
export const HEADER_BYTES = 24;
/** The transaction that wrote it. */
export const WRITTEN_AT = 8;
export const FLAGS_AT = 18;
export const OVERFLOW_PAGES_AT = 20;
const LOWER_AT = 20;
const UPPER_AT = 22;
const NODE_BYTES = 8;
export const TREE_BYTES = 48;
export const NUMBER_BYTES = 8;
/** What a leaf has in place of large data: its page, its transaction, its number of pages. */
const OVERFLOW_LINK_BYTES = 24;
export const BRANCH = 1;
export const LEAF = 2;
export const OVERFLOW = 4;
/** Of a node: its data is on pages of its own. */
const BIG_DATA = 1;
/** Of a node: its data says where another tree is. */
export const SUB_TREE = 2;

/** What is written of a tree where it is rooted. */
export interface Tree {
  readonly flags: number;
  readonly depth: number;
  readonly entries: number;
  readonly root: number;
}

/** A key on a page. */
export interface Key {
  readonly page: Buffer;
  readonly from: number;
  readonly to: number;
}

/** Where the data of a node is: on its page, or from another page on. */
interface Data {
  readonly isElsewhere: boolean;
  readonly at: number;
  readonly bytes: number;
}

export function readTree(buffer: Buffer): Tree {
  return {
    flags: buffer.readUInt16LE(4),
    depth: buffer.readUInt16LE(6),
    entries: Number(buffer.readBigUInt64LE(32)),
    root: Number(buffer.readBigUInt64LE(TREE_BYTES - 8)),
  };
}

/**
 * Where the nodes of a page are on it: as many as it says, side by side down from its end; at least one.
 * @throws DamageError
 */
export function nodesOf(page: Buffer, number: number): number[] {
  const count = page.readUInt16LE(LOWER_AT) >> 1;
  const upper = HEADER_BYTES + page.readUInt16LE(UPPER_AT);
  const nodes: number[] = [];
  let bytes = 0;
  for (let i = 0; i < count && HEADER_BYTES + 2 * i < upper; i++) {
    const node = HEADER_BYTES + page.readUInt16LE(HEADER_BYTES + 2 * i);
    if (node < upper || node + NODE_BYTES > page.length) {
      throw damagedPage(number, 'an entry lies outside of it');
    }
    bytes += bytesOf(page, node);
    nodes.push(node);
  }
  if (count === 0 || upper + bytes !== page.length) {
    throw damagedPage(number, 'its entries do not fill it');
  }
  return nodes;
}

export function keyOf(page: Buffer, node: number): Key {
  const from = node + NODE_BYTES;
  return { page, from, to: from + page.readUInt16LE(node + 6) };
}

/** What kind of data an entry has: none of its own, or a tree. */
export function markOf(page: Buffer, node: number): number {
  return page.readUInt16LE(node + 4) & ~BIG_DATA;
}

export function dataOf(page: Buffer, node: number): Data {
  const at = node + NODE_BYTES + page.readUInt16LE(node + 6);
  const bytes = page.readUInt32LE(node);
  return isElsewhere(page, node)
    ? { isElsewhere: true, at: Number(page.readBigUInt64LE(at)), bytes }
    : { isElsewhere: false, at, bytes };
}

/** The page that a node of a branch leads to. */
export function childOf(page: Buffer, node: number): number {
  return page.readUInt32LE(node) + page.readUInt16LE(node + 4) * 2 ** 32;
}

/** Byte by byte, in a loop of its own: keys are short, and a call of Buffer.compare costs more than that. */
export function compareKeys(a: Key, b: Key): number {
  for (let i = a.from, j = b.from; i < a.to && j < b.to; i++, j++) {
    const difference = (a.page[i] ?? 0) - (b.page[j] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return a.to - a.from - (b.to - b.from);
}

/** Keys of the tree of free pages are numbers of 64 bits; what is none of them is in no order. */
export function compareNumbers(a: Key, b: Key): number {
  if (a.to - a.from !== NUMBER_BYTES || b.to - b.from !== NUMBER_BYTES) {
    return Number.NaN;
  }
  return Number(a.page.readBigUInt64LE(a.from) - b.page.readBigUInt64LE(b.from));
}

export function damagedPage(number: number, what: string): DamageError {
  return new DamageError(`page ${number} of data.mdb is damaged: ${what}`);
}

function bytesOf(page: Buffer, node: number): number {
  const isLeaf = page.readUInt16LE(FLAGS_AT) === LEAF;
  const data = isElsewhere(page, node) ? OVERFLOW_LINK_BYTES : page.readUInt32LE(node);
  const bytes = NODE_BYTES + page.readUInt16LE(node + 6) + (isLeaf ? data : 0);
  return bytes + (bytes % 2);
}

function isElsewhere(page: Buffer, node: number): boolean {
  return (page.readUInt16LE(node + 4) & BIG_DATA) !== 0;
}
