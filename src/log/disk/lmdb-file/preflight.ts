import { closeSync, fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DamageError } from '../errors.js';
import { type MetaPage, newestMeta, possibleMetas } from './meta-page.js';
import { PageFile } from './page-file.js';
import { tablesOf, visitPages } from './pages.js';

/**
 * Looks at a data file before lmdb opens it: lmdb trusts the two meta pages and the page of its tables, a table that it does not
 * find there by name it creates, empty, and a file that was cut short would end the process with a bus error.
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
  const [newest, flushed] = possibleMetas(fd);
  const problem = problemOf(fd, size, newest);
  // A process that owns the directory may have written over the page meanwhile; it will be named.
  if (problem === undefined || newestMeta(fd).transaction !== newest.transaction) {
    return;
  }
  if (flushed === undefined || problemOf(fd, size, flushed) !== undefined) {
    throw problem;
  }
}

function problemOf(fd: number, size: number, meta: MetaPage): DamageError | undefined {
  try {
    checkState(fd, size, meta);
    return undefined;
  } catch (error) {
    if (error instanceof DamageError) {
      return error;
    }
    throw error;
  }
}

function checkState(fd: number, size: number, meta: MetaPage): void {
  const file = new PageFile(fd, meta);
  // Free pages at the end are not written before they are used; only the list of free ones tells them from missing ones.
  const isWhole = BigInt(size) >= (meta.lastPage + 1n) * BigInt(meta.pageBytes);
  isWhole ? tablesOf(file, meta) : visitPages(file, meta, {});
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
