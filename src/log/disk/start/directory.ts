import { accessSync, constants, existsSync, mkdirSync, realpathSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DamageError, DataDirectoryError } from '../errors.js';

/** For the files of an empty log. */
const MIN_ROOM_BYTES = 1024 * 1024;

/** Directories open in this process, by the names that no link leads through; lmdb must not open one twice. */
const inUse = new Set<string>();

/**
 * Makes a directory where there is none, and takes it for one log of this process.
 * @returns what gives it back
 * @throws Error when it cannot be used
 */
export function enterDirectory(directory: string): () => void {
  prepare(directory);
  const place = realpathSync(directory);
  if (inUse.has(place)) {
    throw new DataDirectoryError('it is in use by another hub of this process');
  }
  inUse.add(place);
  return () => inUse.delete(place);
}

/** What somebody is told about a directory that could not be opened. */
export function explainDirectory(directory: string, error: Error): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    ENOENT: 'it is not there, and neither is the directory above it: make that, or set DATA_DIR',
    EEXIST: 'it is a link to a directory that is not there: make that, or set DATA_DIR',
    EACCES: 'this process may not write there: change the owner of it and of its files, or set DATA_DIR',
    EROFS: 'its file system is read-only: set DATA_DIR to another',
  };
  // What the log needs to know of itself, or of its file, nobody can go on without.
  const advice = error instanceof DamageError ? `${message}: restore a backup` : message;
  return new DataDirectoryError(`data directory ${directory}: ${reasons[code ?? ''] ?? advice}`);
}

function prepare(directory: string): void {
  if (!existsSync(directory)) {
    // What is published may not be for everybody on this machine.
    mkdirSync(directory, { mode: 0o700 });
  }
  if (!statSync(directory).isDirectory()) {
    throw new DataDirectoryError('it is not a directory');
  }
  // A file that lmdb may not write ends the process with a fault of memory, or with an error that does not say which.
  const files = ['data.mdb', 'lock.mdb'].map((name) => join(directory, name));
  const there = files.filter((file) => existsSync(file));
  for (const path of [directory, ...there]) {
    accessSync(path, constants.R_OK | constants.W_OK);
  }
  if (there.length < files.length || there.some((file) => statSync(file).size === 0)) {
    checkRoom(directory);
  }
}

/** A file that lmdb makes on a full disk ends the process, too. */
function checkRoom(directory: string): void {
  const { bavail, bsize } = statfsSync(directory);
  if (bavail * bsize < MIN_ROOM_BYTES) {
    throw new DataDirectoryError('the disk is full: make room for at least 1 MiB, or set DATA_DIR to another');
  }
}
