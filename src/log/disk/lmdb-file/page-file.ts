import { fstatSync } from 'node:fs';
import { DamageError } from '../errors.js';
import type { MetaPage } from './meta-page.js';
import { damagedPage, FLAGS_AT, WRITTEN_AT } from './page.js';
import { ReadAhead } from './read-ahead.js';

/** Free pages at its end need not be in a file: more than so many are not missing, but a number that is wrong. */
const MAX_MISSING_PAGES = 2 ** 20;
/** As many as one large event takes in a row: should LMDB lose track of them, that would be no damage. */
const MAX_UNUSED_AT_END = 1024;

/** The pages of a file, each read at most once. */
export class PageFile {
  readonly pageBytes: number;
  readonly pages: number;
  readonly #file: ReadAhead;
  readonly #used: Uint8Array;
  readonly #transaction: bigint;

  /** @throws DamageError when there cannot be so many pages */
  constructor(fd: number, { pageBytes, lastPage, transaction }: MetaPage) {
    this.#file = new ReadAhead(fd);
    this.pageBytes = pageBytes;
    this.pages = Number(lastPage) + 1;
    this.#transaction = transaction;
    if (this.pages > fstatSync(fd).size / pageBytes + MAX_MISSING_PAGES) {
      throw new DamageError('the head of data.mdb is damaged: the file cannot have so many pages');
    }
    this.#used = new Uint8Array(this.pages);
    this.#used.fill(1, 0, 2);
  }

  /**
   * Takes a page, or as many in a row as `page` has room for, and fills `page` with them.
   * @throws DamageError when they are not what they should be
   */
  read(page: Buffer, number: number, flag: number): void {
    this.use(number, page.length / this.pageBytes);
    if (this.#file.read(page, number * this.pageBytes) < page.length) {
      throw new DamageError(`data.mdb was cut short: page ${number} is missing`);
    }
    const isItself = Number(page.readBigUInt64LE(0)) === number;
    if (!isItself || page.readUInt16LE(FLAGS_AT) !== flag || page.readBigUInt64LE(WRITTEN_AT) > this.#transaction) {
      throw damagedPage(number, 'it is not what it should be');
    }
  }

  /**
   * Takes pages in a row.
   * @throws DamageError when something else has one of them
   */
  use(first: number, count: number): void {
    if (first + count > this.pages) {
      throw damagedPage(first, 'it lies outside of the file');
    }
    for (let number = first; number < first + count; number++) {
      if (this.#used[number] !== 0) {
        throw damagedPage(number, 'it is used twice');
      }
      this.#used[number] = 1;
    }
  }

  /**
   * Looks at the end only: a page in between that LMDB has lost track of would harm nothing.
   * @throws DamageError when there are fewer pages than there should be
   */
  checkEnd(): void {
    const last = this.#used.lastIndexOf(1);
    if (last < this.pages - MAX_UNUSED_AT_END) {
      throw damagedPage(last + 1, 'nothing uses it or what is behind it');
    }
  }
}
