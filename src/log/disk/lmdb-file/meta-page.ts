import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { DamageError, DataDirectoryError } from '../errors.js';
import { FLAGS_AT, readTree, type Tree } from './page.js';

/** Of lmdb's data files: what is read here and of its pages, and what the lmdb of this version writes. */
const DATA_FORMAT = 2;
/** Where lmdb keeps what, in each of the two meta pages at the beginning of its file. */
const MAGIC_AT = 24;
const FORMAT_AT = 28;
const PAGE_SIZE_AT = 48;
const FREE_TREE_AT = 48;
const MAIN_TREE_AT = 96;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;
const META_BYTES = 168;
const MAGIC = 0xbeefc0de;
const MIN_PAGE_BYTES = 512;
const MAX_PAGE_BYTES = 65_536;
/** Of a page: it is one of the two. */
const META = 8;
/** Of the tree of free pages: its keys are numbers. */
const NUMBER_KEYS = 8;
/** Set beside it, of what lmdb was told and of a commit that is not flushed yet. */
const OTHER_FLAGS = 0x1c00;

export interface MetaPage {
  readonly isValid: boolean;
  readonly format: number;
  readonly pageBytes: number;
  readonly lastPage: bigint;
  readonly transaction: bigint;
  /** What lmdb writes of the two trees that all others hang on: free pages, and tables. */
  readonly freeTree: Tree;
  readonly mainTree: Tree;
}

/** The number of the last commit, which the next one's exceeds. */
export function lastTransaction(directory: string): bigint {
  const fd = openSync(join(directory, 'data.mdb'), 'r');
  try {
    return newestMeta(fd).transaction;
  } finally {
    closeSync(fd);
  }
}

/**
 * The states that lmdb may go on from: that of the last commit or, when the machine stopped before that was flushed, the
 * last one that was.
 * @throws as newestMeta
 */
export function possibleMetas(fd: number): readonly [newest: MetaPage, flushed?: MetaPage] {
  const newest = newestMeta(fd);
  const { pageBytes, transaction } = newest;
  // Its place is half a page behind the first one.
  const flushed = parseMeta(readHead(fd), 0, pageBytes / 2);
  const isThere = flushed.pageBytes === pageBytes && flushed.transaction > 0n;
  return isThere && flushed.transaction < transaction ? [newest, flushed] : [newest];
}

/**
 * The meta page of the last commit.
 * @throws DamageError when either of the two cannot be right, DataDirectoryError when another format is written in both
 */
export function newestMeta(fd: number): MetaPage {
  const head = readHead(fd);
  const first = parseMeta(head, 0, 0);
  const second = parseMeta(head, 1, first.isValid ? first.pageBytes : 0);
  const isAlike = first.pageBytes === second.pageBytes && first.format === second.format;
  if (!first.isValid || !second.isValid || !isAlike) {
    throw new DamageError('the head of data.mdb is damaged');
  }
  if (first.format !== DATA_FORMAT) {
    throw new DataDirectoryError(
      `data.mdb has LMDB's data format ${first.format}, this version reads ${DATA_FORMAT}: start the version that wrote it`,
    );
  }
  // Each commit overwrites the older of the two, so they are always one transaction apart.
  const distance = first.transaction - second.transaction;
  if (distance !== 1n && distance !== -1n && first.transaction !== 0n) {
    throw new DamageError('the head of data.mdb is damaged: its two halves do not belong together');
  }
  return distance > 0n ? first : second;
}

/** Both in one read, because a process that owns the directory may be writing them. */
function readHead(fd: number): Buffer {
  const head = Buffer.alloc(MAX_PAGE_BYTES + META_BYTES);
  readSync(fd, head, 0, head.length, 0);
  return head;
}

function parseMeta(head: Buffer, number: number, at: number): MetaPage {
  const page = head.subarray(at, at + META_BYTES);
  const pageBytes = page.readUInt32LE(PAGE_SIZE_AT);
  const freeTree = readTree(page.subarray(FREE_TREE_AT, MAIN_TREE_AT));
  const mainTree = readTree(page.subarray(MAIN_TREE_AT, LAST_PAGE_AT));
  const isMeta = Number(page.readBigUInt64LE(0)) === number && page.readUInt16LE(FLAGS_AT) === META;
  const areTreesRight = (freeTree.flags & ~OTHER_FLAGS) === NUMBER_KEYS && mainTree.flags === 0;
  const isPossible = pageBytes >= MIN_PAGE_BYTES && pageBytes <= MAX_PAGE_BYTES;
  return {
    isValid: isMeta && page.readUInt32LE(MAGIC_AT) === MAGIC && isPossible && areTreesRight,
    format: page.readUInt32LE(FORMAT_AT),
    pageBytes,
    lastPage: page.readBigUInt64LE(LAST_PAGE_AT),
    transaction: page.readBigUInt64LE(TRANSACTION_AT),
    freeTree,
    mainTree,
  };
}
