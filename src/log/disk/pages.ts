import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DamageError } from './damage.js';
import { type MetaPage, newestMeta } from './meta-page.js';
import { compareNumbers, readTree, SUB_TREE, type Tree } from './page.js';
import { PageFile } from './page-file.js';
import { PageTree, type Visit } from './page-tree.js';
import { TABLES } from './store.js';

/** Of a number in a list of free pages. */
const NUMBER_BYTES = 8;

/**
 * Reads all tables straight from a data file, and checks its pages on the way: every page is what it says and is used
 * once or free, every key is where a search for it would go, and each tree has as many entries as it should. LMDB has no
 * checksums, and believes all of that. The file must not be written meanwhile.
 * @param visitors by table; the others are checked all the same
 * @throws DamageError
 */
export function readPages(directory: string, visitors: Readonly<Record<string, Visit>>): void {
  const fd = openSync(join(directory, 'data.mdb'), 'r');
  try {
    const meta = newestMeta(fd);
    const file = new PageFile(fd, meta);
    for (const [name, tree] of tablesOf(file, meta)) {
      new PageTree(file, visitors[name]).read(tree);
    }
    const visitFree: Visit = (_, list) => useListed(file, list);
    new PageTree(file, visitFree, { compare: compareNumbers }).read(meta.freeTree);
  } finally {
    closeSync(fd);
  }
}

/**
 * The trees of all tables by their names.
 * @throws DamageError when the page that says so is damaged
 */
export function tablesOf(file: PageFile, { mainTree }: MetaPage): ReadonlyMap<string, Tree> {
  const tables = new Map<string, Tree>();
  const visit: Visit = (key, value) => {
    const text = key.toString('latin1');
    const name = TABLES.find((each) => text === `${each}\0`);
    const tree = readTree(value);
    if (name === undefined || tree.flags !== 0) {
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
  let count = 1;
  for (let at = NUMBER_BYTES; at < (1 + Number(list.readBigUInt64LE(0))) * NUMBER_BYTES; at += NUMBER_BYTES) {
    const entry = at < list.length ? Number(list.readBigInt64LE(at)) : file.pages;
    if (entry > 0) {
      file.use(entry, count);
    }
    count = Math.max(1, -entry);
  }
}
