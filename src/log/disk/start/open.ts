import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Clock } from '../../../clock.js';
import type { Retention } from '../../retention.js';
import { type Damage, describeDamage, lossesBy } from '../damage.js';
import { DiskLog } from '../disk-log.js';
import type { DiskState } from '../disk-state.js';
import { DataDirectoryError } from '../errors.js';
import { checkDataFile } from '../lmdb-file/preflight.js';
import { addLosses } from '../losses.js';
import { checkOwner, FORMAT, removeMeta, writeMeta } from '../store/meta.js';
import { type Owner, thisProcess } from '../store/owner.js';
import { DiskStore } from '../store/store.js';
import { Writer } from '../write/writer.js';
import { enterDirectory, explainDirectory } from './directory.js';
import { repair } from './repair.js';
import { verify } from './verify.js';

const LARGE_BYTES = 16 * 1024 * 1024;

export interface DiskLogOptions {
  /** Where the data lies. It is made if it is not there, for its owner alone, but not the directories above it. */
  readonly directory: string;
  readonly retention: Retention;
  readonly clock: Clock;
  /** What to do about data that is damaged or missing: not to start, or to go on without it and record the loss. */
  readonly onDamage: 'refuse' | 'skip';
  /** Told of a data file that takes a part of a second to verify, or much longer, before that begins. */
  readonly onLarge?: (directory: string, bytes: number) => void;
  /** Told why the log cannot be written any more, and (undefined) that it can again. */
  readonly onProblem: (reason: string | undefined) => void;
  /** Told of damage that does not keep the log from starting: what the start skips, and what reads come upon later. */
  readonly onDamageFound: (damage: string) => void;
}

/**
 * Opens the log of a directory, verifies it and begins a new epoch.
 * @throws DataDirectoryError when the directory cannot be used, belongs to another process, or holds damaged data
 */
export async function openDiskLog(options: DiskLogOptions): Promise<DiskLog> {
  const directory = resolve(options.directory);
  let leave: (() => void) | undefined;
  try {
    leave = enterDirectory(directory);
    return await open(directory, options, leave);
  } catch (error) {
    leave?.();
    throw explainDirectory(directory, error as Error);
  }
}

async function open(directory: string, options: DiskLogOptions, leave: () => void): Promise<DiskLog> {
  const bytes = statSync(join(directory, 'data.mdb'), { throwIfNoEntry: false })?.size ?? 0;
  if (bytes >= LARGE_BYTES) {
    options.onLarge?.(directory, bytes);
  }
  checkDataFile(directory);
  const store = new DiskStore(directory);
  try {
    return await begin(directory, store, options, leave);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function begin(
  directory: string,
  store: DiskStore,
  options: DiskLogOptions,
  leave: () => void,
): Promise<DiskLog> {
  const { retention, clock, onDamage, onProblem, onDamageFound } = options;
  const owner = thisProcess(clock.now());
  const { state, damage, checkUntouched } = verify(directory, store, owner, retention);
  if (damage.length > 0 && onDamage === 'refuse') {
    throw new DataDirectoryError(
      `${describeDamage(damage)}: restore a backup, or set DAMAGED=skip to go on without it`,
    );
  }
  claim(store, owner, checkUntouched);
  if (damage.length > 0) {
    onDamageFound(describeDamage(damage));
  }
  await beginEpoch(state, damage);
  const epoch = state.epochs.nameAt(state.head + 1);
  const writer = new Writer(state, { directory, owner, epoch, retention, clock, onProblem });
  // What has outlived the limits meanwhile, and which states have, so that these give way from the start.
  writer.retain();
  return new DiskLog(state, writer, options, async () => {
    await release(directory, store, owner);
    leave();
  });
}

/** Under lmdb's own lock between processes, so that of two that start together only one gets it. */
function claim(store: DiskStore, owner: Owner, checkUntouched: () => void): void {
  store.exclusively((transaction) => {
    checkUntouched();
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
}

/** Records where the last epoch ended and what of it is lost, and that a new one begins. */
async function beginEpoch(state: DiskState, damage: readonly Damage[]): Promise<void> {
  const { store } = state;
  state.losses = addLosses(state.losses, lossesBy(damage));
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
