import { type NewEvent, type StoredEvent, storeEvent } from '../../../events/event.js';
import { type Claim, createReceipt, type Receipt } from '../../receipts.js';
import type { StreamState } from '../../stream-state.js';
import type { DiskStream, Row } from '../disk-stream.js';
import type { TrimPlan } from '../retention/trim-plan.js';
import { type Totals, writeMeta } from '../store/meta.js';
import { bytesOf, encodeRecord } from '../store/record.js';
import { seal } from '../store/sealed.js';
import { type DiskStore, indexKey, positionKey, type Transaction } from '../store/store.js';
import { RowChanges } from './row-changes.js';

/** An event with what is written of it. */
interface Written {
  readonly event: StoredEvent;
  readonly record: Buffer;
  readonly id: number;
  readonly bytes: number;
}

/** A time that has passed, with the receipt that it was for, if that is still there. */
interface Expired {
  readonly position: Buffer;
  readonly key: Buffer | undefined;
}

/** A stream that is remembered no longer, with the events it still has. */
interface Forgotten {
  readonly state: StreamState;
  readonly id: number;
  readonly positions: readonly number[];
}

/**
 * All changes of one commit, prepared against the committed state: appended events, trims, streams that begin or are
 * forgotten. Memory does not change until the commit has succeeded.
 */
export class WriteBatch {
  readonly written: Written[] = [];
  /** Published streams that it begins, for the limit on them. */
  readonly admitted = new Set<string>();
  readonly expired: Expired[] = [];
  trim: TrimPlan | undefined;
  readonly forgotten: Forgotten[] = [];
  readonly #receipts: (readonly [key: Buffer, receipt: Receipt])[] = [];
  readonly #rows: RowChanges;
  readonly #before: Totals;
  readonly #epoch: string;
  readonly #time: number;

  constructor(streams: ReadonlyMap<string, DiskStream>, totals: Totals, nextId: number, epoch: string, time: number) {
    this.#rows = new RowChanges(streams, nextId, totals.floor);
    this.#before = totals;
    this.#epoch = epoch;
    this.#time = time;
  }

  /** Rows that begin or change, by stream. */
  get rows(): ReadonlyMap<string, Row> {
    return this.#rows.rows;
  }

  get isEmpty(): boolean {
    const isIdle = this.written.length === 0 && this.rows.size === 0 && this.expired.length === 0;
    return isIdle && this.forgotten.length === 0 && (this.trim?.removals.size ?? 0) === 0;
  }

  /** The totals once it is committed. */
  get totals(): Totals {
    const { head, events, streams, floor } = this.#before;
    const removed =
      (this.trim?.removals.size ?? 0) + this.forgotten.reduce((sum, { positions }) => sum + positions.length, 0);
    return {
      head: head + this.written.length,
      events: events + this.written.length - removed,
      streams: streams + this.#rows.begun - this.forgotten.length,
      floor: Math.max(floor, ...this.forgotten.map(({ state }) => Math.max(state.last, state.trimmedTo))),
    };
  }

  /** Positions of what it removes. */
  get removed(): number[] {
    return [...(this.trim?.removals.keys() ?? []), ...this.forgotten.flatMap(({ positions }) => positions)];
  }

  append(batch: readonly NewEvent[], claim: Claim | undefined): Written[] {
    const written = batch.map((event) => this.#append(event));
    if (claim !== undefined) {
      const events = written.map(({ event }) => event);
      this.#receipts.push([Buffer.from(claim.key), createReceipt(claim, events)]);
    }
    return written;
  }

  /** Everything a stream has up to its newest event is to go; what is left of it is removed by later commits. */
  purge(stream: string): number {
    const last = this.#rows.lastOf(stream);
    this.#rows.change(stream, { trimmedTo: last, purgedTo: last });
    return last;
  }

  /** A stream is to be remembered no longer, with all that is left of it. */
  forget(state: StreamState, id: number, positions: readonly number[]): void {
    this.forgotten.push({ state, id, positions });
  }

  touches(stream: string): boolean {
    return this.#rows.touches(stream);
  }

  /** What trims remove is remembered in the rows of their streams, in the same transaction. */
  addTrim(plan: TrimPlan): void {
    this.trim = plan;
    for (const { stream, pos } of plan.removals.values()) {
      const { trimmedTo } = this.#rows.of(stream);
      this.#rows.change(stream, { trimmedTo: Math.max(trimmedTo, pos) });
    }
  }

  put(transaction: Transaction, store: DiskStore): void {
    for (const { event, record, id } of this.written) {
      transaction.put(store.events, positionKey(event.pos), record);
      transaction.put(store.index, indexKey(id, event.pos), NOTHING);
    }
    for (const [pos, { id }] of this.trim?.removals ?? []) {
      removeEvent(transaction, store, id, pos);
    }
    this.#putReceipts(transaction, store);
    for (const [stream, row] of this.rows) {
      const key = Buffer.from(stream, 'latin1');
      transaction.put(store.streams, key, seal(key, row));
    }
    for (const { state, id, positions } of this.forgotten) {
      for (const pos of positions) {
        removeEvent(transaction, store, id, pos);
      }
      transaction.remove(store.streams, Buffer.from(state.name, 'latin1'));
    }
    writeMeta(transaction, store, 'totals', this.totals);
  }

  #append(event: NewEvent): Written {
    const { stream, generated } = event;
    const pos = this.#before.head + this.written.length + 1;
    const row = this.#rows.of(stream);
    if (!generated && !row.published) {
      this.#rows.change(stream, { published: true });
    }
    const previous = this.#rows.append(stream, generated, pos);
    const record = encodeRecord(event, pos, this.#time, previous);
    const stored = storeEvent(event, pos, this.#epoch, this.#time);
    const written = { event: stored, record, id: row.id, bytes: bytesOf(record) };
    this.written.push(written);
    return written;
  }

  #putReceipts(transaction: Transaction, store: DiskStore): void {
    for (const { position, key } of this.expired) {
      transaction.remove(store.expiry, position);
      if (key !== undefined) {
        transaction.remove(store.receipts, key);
      }
    }
    for (const [key, receipt] of this.#receipts) {
      transaction.put(store.receipts, key, seal(key, receipt));
      transaction.put(store.expiry, positionKey(receipt.first), key);
    }
  }
}

const NOTHING = Buffer.alloc(0);

function removeEvent(transaction: Transaction, store: DiskStore, id: number, pos: number): void {
  transaction.remove(store.events, positionKey(pos));
  transaction.remove(store.index, indexKey(id, pos));
}
