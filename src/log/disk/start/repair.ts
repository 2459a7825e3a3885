import type { Damage } from '../damage.js';
import type { DiskState } from '../disk-state.js';
import { decodeHead } from '../store/record.js';
import { type DiskStore, indexKey, positionKey, positionOf, splitIndexKey, type Transaction } from '../store/store.js';

/** Takes out what cannot be read, and makes the index match what is left, so that the next start finds a whole log. */
export function repair(transaction: Transaction, state: DiskState, damage: readonly Damage[]): void {
  const { store, streams } = state;
  const broken = new Set<number>();
  for (const { table, key } of damage.flatMap(({ unreadable }) => unreadable ?? [])) {
    transaction.remove(table, key);
    if (table === store.events) {
      broken.add(positionOf(key));
    }
  }
  const idAt = (pos: number, record: Buffer | undefined) =>
    record === undefined || broken.has(pos) ? undefined : streams.get(decodeHead(record).stream)?.row.id;
  removeFalseEntries(transaction, store, idAt);
  const events = addMissingEntries(transaction, store, idAt);
  state.totals = { ...state.totals, events, streams: streams.size };
}

/** Number of the stream that an event belongs to; undefined where there is no event that can be read. */
type IdAt = (pos: number, record: Buffer | undefined) => number | undefined;

function removeFalseEntries(transaction: Transaction, store: DiskStore, idAt: IdAt): void {
  for (const key of store.index.keys()) {
    const { id, pos } = splitIndexKey(key);
    if (idAt(pos, store.events.get(positionKey(pos))) !== id) {
      transaction.remove(store.index, key);
    }
  }
}

/** Only those that are missing: a transaction with one for each of a million events would not fit in memory. */
function addMissingEntries(transaction: Transaction, store: DiskStore, idAt: IdAt): number {
  let events = 0;
  for (const { key, value } of store.events.entries()) {
    const pos = positionOf(key);
    const id = idAt(pos, value);
    if (id !== undefined) {
      events++;
      const entry = indexKey(id, pos);
      if (store.index.get(entry) === undefined) {
        transaction.put(store.index, entry, Buffer.alloc(0));
      }
    }
  }
  return events;
}
