import type { Retention } from '../../retention.js';
import type { Damage } from '../damage.js';
import { DiskState } from '../disk-state.js';
import { DataDirectoryError } from '../errors.js';
import { lastTransaction } from '../lmdb-file/meta-page.js';
import { FORMAT, readMeta, readOwner } from '../store/meta.js';
import { isAlive, isSame, type Owner } from '../store/owner.js';
import type { DiskStore } from '../store/store.js';
import { restore } from './restore.js';

/** What a log was found to be. */
interface Verified {
  readonly state: DiskState;
  readonly damage: readonly Damage[];
  /** @throws DataDirectoryError when another process owns the directory, or has written to it since */
  readonly checkUntouched: () => void;
}

/**
 * Reads all there is, and writes nothing: damage may lead lmdb to write where it must not.
 * @throws DataDirectoryError, DamageError
 */
export function verify(directory: string, store: DiskStore, owner: Owner, retention: Retention): Verified {
  const before = lastTransaction(directory);
  const checkUntouched = () => {
    const known = checkFree(store, owner);
    if (lastTransaction(directory) !== before) {
      const who = known === undefined ? '' : ` (the last owner was process ${known.pid} on ${known.host})`;
      throw new DataDirectoryError(`another process wrote to it during the start${who}: stop that, and start again`);
    }
  };
  checkFree(store, owner);
  checkFormat(store);
  try {
    const state = new DiskState(store, retention);
    return { state, damage: restore(directory, state), checkUntouched };
  } finally {
    // What another process writes meanwhile looks like damage.
    checkUntouched();
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

/**
 * The last owner, if it did not release the directory.
 * @throws DataDirectoryError when that is another process that runs
 */
function checkFree(store: DiskStore, owner: Owner): Owner | undefined {
  store.refresh();
  const known = readOwner(store);
  if (known !== undefined && !isSame(known, owner) && isAlive(known)) {
    throw new DataDirectoryError(
      `it belongs to the running process ${known.pid} (since ${known.since}): stop that first, or set DATA_DIR to another directory`,
    );
  }
  return known;
}
