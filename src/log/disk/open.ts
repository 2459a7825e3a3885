import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Clock } from '../../clock.js';
import type { Retention } from '../event-log.js';
import { type Damage, DamageError, describeDamage } from './damage.js';
import { DiskLog } from './disk-log.js';
import { DiskState } from './disk-state.js';
import { checkOwner, FORMAT, readMeta, readOwner, removeMeta, writeMeta } from './meta.js';
import { isAlive, isSame, type Owner, thisProcess } from './owner.js';
import { checkDataFile } from './preflight.js';
import { addLosses, repair } from './repair.js';
import { restore } from './restore.js';
import { DiskStore } from './store.js';
import { Writer } from './writer.js';

export interface DiskLogOptions {
  /** Where the data lies. It is made if it is not there, for its owner alone, but not the directories above it. */
  readonly directory: string;
  readonly retention: Retention;
  readonly clock: Clock;
  /** What to do about data that is damaged or missing: not to start, or to go on without it and record the loss. */
  readonly onDamage: 'refuse' | 'skip';
  /** Told why the log cannot be written any more, and (undefined) that it can again. */
  readonly onProblem: (reason: string | undefined) => void;
  /** Told of damage that does not keep the log from starting: what the start skips, and what reads come upon later. */
  readonly onDamageFound: (damage: string) => void;
}

/** A data directory that cannot be used; the message names it and says what to do. */
export class DataDirectoryError extends Error {
  override readonly name = 'DataDirectoryError';
}

/** Directories open in this process; lmdb must not open one twice. */
const inUse = new Set<string>();

/**
 * Opens the log of a directory, verifies it and begins a new epoch.
 * @throws DataDirectoryError when the directory cannot be used, belongs to another process, or holds damaged data
 */
export async function openDiskLog(options: DiskLogOptions): Promise<DiskLog> {
  const directory = resolve(options.directory);
  if (inUse.has(directory)) {
    throw new DataDirectoryError(`${directory} is in use by another hub of this process`);
  }
  inUse.add(directory);
  try {
    return await open(directory, options);
  } catch (error) {
    inUse.delete(directory);
    throw explain(directory, error as Error);
  }
}

async function open(directory: string, options: DiskLogOptions): Promise<DiskLog> {
  prepareDirectory(directory);
  checkDataFile(directory);
  const store = new DiskStore(directory);
  try {
    return await begin(directory, store, options);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function begin(directory: string, store: DiskStore, options: DiskLogOptions): Promise<DiskLog> {
  const { retention, clock, onDamage, onProblem, onDamageFound } = options;
  const owner = thisProcess(clock.now());
  checkFormat(store);
  claim(store, owner);
  const state = new DiskState(store, retention);
  const damage = restore(directory, state);
  if (damage.length > 0 && onDamage === 'refuse') {
    throw new DataDirectoryError(
      `${describeDamage(damage)}: restore a backup, or set DAMAGED=skip to go on without it`,
    );
  }
  if (damage.length > 0) {
    onDamageFound(describeDamage(damage));
  }
  await beginEpoch(state, damage);
  const epoch = state.epochs.nameAt(state.head + 1);
  const writer = new Writer(state, { directory, owner, epoch, retention, clock, onProblem });
  return new DiskLog(state, writer, options, () => release(directory, store, owner));
}

function prepareDirectory(directory: string): void {
  if (!existsSync(directory)) {
    // What is published may not be for everybody on this machine.
    mkdirSync(directory, { mode: 0o700 });
  }
  if (!statSync(directory).isDirectory()) {
    throw new DataDirectoryError('it is not a directory');
  }
  // A file that lmdb may not write ends the process with a fault of memory, or with an error that does not say which.
  const files = ['data.mdb', 'lock.mdb'].map((name) => join(directory, name));
  for (const path of [directory, ...files.filter((file) => existsSync(file))]) {
    accessSync(path, constants.R_OK | constants.W_OK);
  }
}

function checkFormat(store: DiskStore): void {
  const format = readMeta(store, 'format') ?? FORMAT;
  if (format !== FORMAT) {
    throw new DataDirectoryError(
      `its format is ${format}, this version reads ${FORMAT}: start the version that wrote it`,
    );
  }
}

/** Under lmdb's own lock between processes, so that of two that start together only one gets it. */
function claim(store: DiskStore, owner: Owner): void {
  store.exclusively((transaction) => {
    const known = readOwner(store);
    if (known !== undefined && !isSame(known, owner) && isAlive(known)) {
      throw new DataDirectoryError(
        `it belongs to the running process ${known.pid} (since ${known.since}): stop that first`,
      );
    }
    writeMeta(transaction, store, 'owner', owner);
  });
}

/** Leaves the directory to whoever wants it next, although this process may live on. */
async function release(directory: string, store: DiskStore, owner: Owner): Promise<void> {
  try {
    checkOwner(store, owner, directory);
    await store.write((transaction) => removeMeta(transaction, store, 'owner'));
  } catch {
    // When it is another's, or cannot be written: the next one still sees that this process has ended.
  }
  await store.close();
  inUse.delete(directory);
}

/** Records where the last epoch ended and what of it is lost, and that a new one begins. */
async function beginEpoch(state: DiskState, damage: readonly Damage[]): Promise<void> {
  const { store } = state;
  state.losses = addLosses(state.losses, damage);
  state.epochs = state.epochs.begin(state.head);
  await store.write((transaction) => {
    if (damage.length > 0) {
      repair(transaction, state, damage);
    }
    writeMeta(transaction, store, 'format', FORMAT);
    writeMeta(transaction, store, 'epochs', state.epochs.all);
    writeMeta(transaction, store, 'losses', state.losses);
    writeMeta(transaction, store, 'totals', state.totals);
  });
  store.renew();
}

function explain(directory: string, error: Error): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    ENOENT: 'it is not there, and neither is the directory above it: make that, or set DATA_DIR',
    EACCES: 'this process may not write there: change the owner of it and of its files, or set DATA_DIR',
    EROFS: 'its file system is read-only: set DATA_DIR to another',
  };
  // What the log needs to know of itself, or of its file, nobody can go on without.
  const advice = error instanceof DamageError ? `${message}: restore a backup` : message;
  return new DataDirectoryError(`data directory ${directory}: ${reasons[code ?? ''] ?? advice}`);
}
