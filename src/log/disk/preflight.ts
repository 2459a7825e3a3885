import { closeSync, fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DamageError } from './damage.js';
import { newestMeta } from './meta-page.js';
import { PageFile } from './page-file.js';
import { tablesOf } from './pages.js';

/**
 * Looks at a data file before lmdb opens it: lmdb trusts its two meta pages and the page of its tables, of which it would begin
 * one anew that it does not find by its name, and a file that was cut short would end the process with a bus error when a
 * missing page is read.
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
  const meta = newestMeta(fd);
  const needed = (meta.lastPage + 1n) * BigInt(meta.pageBytes);
  if (BigInt(size) < needed) {
    throw new DamageError(`data.mdb was cut short: it has ${size} bytes of ${needed}`);
  }
  try {
    tablesOf(new PageFile(fd, meta), meta);
  } catch (error) {
    // A process that owns the directory may have written over the page meanwhile; it will be named.
    if (newestMeta(fd).transaction === meta.transaction) {
      throw error;
    }
  }
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
