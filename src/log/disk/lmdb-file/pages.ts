import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DamageError } from '../errors.js';
import { TABLE_NAMES, type TableName } from '../store/table.js';
import { type MetaPage, newestMeta } from './meta-page.js';
import { compareNumbers, NUMBER_BYTES, readTree, SUB_TREE, TREE_BYTES, type Tree } from './page.js';
import { PageFile } from './page-file.js';
import { PageTree, type Visit } from './page-tree.js';

/** Told of the entries of tables. */
type Visitors = Readonly<Partial<Record<TableName, Visit>>>;

/**
 * Reads all tables straight from a data file, and checks its pages on the way. The file must not be written meanwhile.
 * @param visitors by table; the others are checked all the same
 * @throws DamageError
 */
export function readPages(directory: string, visitors: Visitors): void {
  const fd = openSync(join(directory, 'data.mdb'), 'r');
  try {
    const meta = newestMeta(fd);
    visitPages(new PageFile(fd, meta), meta, visitors);
  } finally {
    closeSync(fd);
  }
}

/**
 * Checks that every page is what it says and is used or free once at most, that every key is where a search for it would go, and
 * that each tree has as many entries as it should. LMDB has no checksums, and believes all of that.
 * @throws DamageError
 */
export function visitPages(file: PageFile, meta: MetaPage, visitors: Visitors): void {
  for (const [name, tree] of tablesOf(file, meta)) {
    new PageTree(file, visitors[name]).read(tree);
  }
  const visitFree: Visit = (_, list) => useListed(file, list);
  new PageTree(file, visitFree, { compare: compareNumbers }).read(meta.freeTree);
  file.checkEnd();
}

/**
 * The trees of all tables by their names.
 * @throws DamageError when the page that says so is damaged
 */
export function tablesOf(file: PageFile, { mainTree }: MetaPage): ReadonlyMap<TableName, Tree> {
  const tables = new Map<TableName, Tree>();
  const visit: Visit = (key, value) => {
    const text = key.toString('latin1');
    const name = TABLE_NAMES.find((each) => text === `${each}\0`);
    const tree = value.length === TREE_BYTES ? readTree(value) : undefined;
    if (name === undefined || tree?.flags !== 0) {
      throw new DamageError(
        `data.mdb is damaged, unless a newer version wrote it: it has a table ${JSON.stringify(text)}`,
      );
    }
    tables.set(name, tree);
  };
  new PageTree(file, visit, { mark: SUB_TREE }).read(mainTree);
  return tables;
}

/**
 * Takes the pages of a list of free ones: their number, then one after the other; 0 stands for none, and a negative number
 * says how many the next one is the first of.
 */
function useListed(file: PageFile, list: Buffer): void {
  const room = Math.floor(list.length / NUMBER_BYTES) - 1;
  const length = room < 0 ? Number.POSITIVE_INFINITY : Number(list.readBigUInt64LE(0));
  let count = 1;
  for (let i = 1; i <= Math.min(length, room); i++) {
    const entry = Number(list.readBigInt64LE(i * NUMBER_BYTES));
    if (entry > 0) {
      file.use(entry, count);
    }
    count = Math.max(1, -entry);
  }
  if (length > room || count > 1) {
    throw new DamageError('data.mdb is damaged: a list of free pages ends before it should');
  }
}
