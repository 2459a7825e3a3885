import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { DamageError } from './damage.js';
import { DataDirectoryError } from './directory.js';

/** Of lmdb's data files: what is read here and in `pages.ts`, and what the lmdb of this version writes. */
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

export interface MetaPage {
  readonly isValid: boolean;
  readonly format: number;
  readonly pageBytes: number;
  readonly lastPage: bigint;
  readonly transaction: bigint;
  /** What lmdb writes of the two trees that all others hang on: free pages, and tables. */
  readonly freeTree: Buffer;
  readonly mainTree: Buffer;
}

/**
 * Looks at a data file before lmdb maps it: lmdb trusts its two meta pages, and a file that was cut short would end the
 * process with a bus error when a missing page is read.
 * @throws DamageError
 */
export function checkDataFile(directory: string): void {
  const fd = openIfThere(join(directory, 'data.mdb'));
  if (fd === undefined) {
    return;
  }
  try {
    check(fd, fstatSync(fd).size);
  } finally {
    closeSync(fd);
  }
}

function check(fd: number, size: number): void {
  if (size === 0) {
    return;
  }
  const { pageBytes, lastPage } = newestMeta(fd);
  const needed = (lastPage + 1n) * BigInt(pageBytes);
  if (BigInt(size) < needed) {
    throw new DamageError(`data.mdb was cut short: it has ${size} bytes of ${needed}`);
  }
}

/**
 * The meta page of the last commit.
 * @throws DamageError when either of the two cannot be right, DataDirectoryError when another format is written in both
 */
export function newestMeta(fd: number): MetaPage {
  // Both in one read, because a process that owns the directory may be writing them.
  const head = Buffer.alloc(MAX_PAGE_BYTES + META_BYTES);
  readSync(fd, head, 0, head.length, 0);
  const first = parseMeta(head, 0);
  const second = parseMeta(head, first.isValid ? first.pageBytes : 0);
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

function parseMeta(head: Buffer, at: number): MetaPage {
  const page = head.subarray(at, at + META_BYTES);
  const pageBytes = page.readUInt32LE(PAGE_SIZE_AT);
  return {
    isValid: page.readUInt32LE(MAGIC_AT) === MAGIC && pageBytes >= MIN_PAGE_BYTES && pageBytes <= MAX_PAGE_BYTES,
    format: page.readUInt32LE(FORMAT_AT),
    pageBytes,
    lastPage: page.readBigUInt64LE(LAST_PAGE_AT),
    transaction: page.readBigUInt64LE(TRANSACTION_AT),
    freeTree: page.subarray(FREE_TREE_AT, MAIN_TREE_AT),
    mainTree: page.subarray(MAIN_TREE_AT, LAST_PAGE_AT),
  };
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}
