import { DamageError } from '../errors.js';
import type { Loss } from '../losses.js';
import { isSame, type Owner } from './owner.js';
import { seal, unseal } from './sealed.js';
import type { DiskStore, Transaction } from './store.js';

/** The layout this version writes; it reads no other. */
export const FORMAT = 1;

/** What is in the tables, to notice what a checksum of a record cannot: that the record is not there. */
export interface Totals {
  readonly head: number;
  readonly events: number;
  readonly streams: number;
  /** Trims of streams no longer remembered. */
  readonly floor: number;
}

/** One run of the log: it assigned the positions from `first` to before the next epoch's `first`. */
export interface Epoch {
  readonly name: string;
  readonly first: number;
}

interface Values {
  format: number;
  owner: Owner;
  totals: Totals;
  epochs: readonly Epoch[];
  losses: readonly Loss[];
}

const NOTHING: Totals = { head: 0, events: 0, streams: 0, floor: 0 };

/** @throws DamageError when it is there but damaged */
export function readMeta<K extends keyof Values>(store: DiskStore, key: K): Values[K] | undefined {
  return openMeta(store.meta.get(Buffer.from(key)), key);
}

/** The owner that any process has written last. */
export function readOwner(store: DiskStore): Owner | undefined {
  return openMeta(store.meta.latest(Buffer.from('owner')), 'owner');
}

/**
 * Makes sure that no other process has taken the directory over: it would be overwritten, and would overwrite.
 * @throws DamageError
 */
export function checkOwner(store: DiskStore, owner: Owner, directory: string): void {
  const known = readOwner(store);
  if (known === undefined || !isSame(known, owner)) {
    throw new DamageError(`process ${known?.pid} on ${known?.host} has taken over ${directory}`);
  }
}

function openMeta<K extends keyof Values>(sealed: Buffer | undefined, key: K): Values[K] | undefined {
  if (sealed === undefined) {
    return undefined;
  }
  const value = unseal(Buffer.from(key), sealed);
  if (value === undefined) {
    throw new DamageError(`the log's record of its ${key} is damaged`);
  }
  return value as Values[K];
}

export function writeMeta<K extends keyof Values>(
  transaction: Transaction,
  store: DiskStore,
  key: K,
  value: Values[K],
): void {
  transaction.put(store.meta, Buffer.from(key), seal(Buffer.from(key), value));
}

export function removeMeta(transaction: Transaction, store: DiskStore, key: keyof Values): void {
  transaction.remove(store.meta, Buffer.from(key));
}

/** @throws DamageError when events are there but not the totals */
export function readTotals(store: DiskStore): Totals {
  const totals = readMeta(store, 'totals');
  if (totals === undefined && readMeta(store, 'epochs') !== undefined) {
    throw new DamageError("the log's totals are missing");
  }
  return totals ?? NOTHING;
}
