import { type Damage, lossesBy } from '../damage.js';
import type { DiskState } from '../disk-state.js';
import type { DiskStream, Row } from '../disk-stream.js';
import { readPages } from '../lmdb-file/pages.js';
import { isLost } from '../losses.js';
import { decodeHead, isIntact, type RecordHead } from '../store/record.js';
import { isSealed, unseal } from '../store/sealed.js';
import { positionOf, splitIndexKey } from '../store/store.js';
import { IndexCheck } from './index-check.js';

/**
 * Reads a log from disk into what is kept of it in memory, and verifies it on the way: the pages of the file, every
 * record by its checksum, that none is missing by each one's link to the one before it, by the trims, and by the totals,
 * and the index.
 * @returns what is damaged or missing
 * @throws DamageError when the file itself is
 */
export function restore(directory: string, state: DiskState): Damage[] {
  return new Restorer(directory, state).damage;
}

class Restorer {
  readonly damage: Damage[] = [];
  readonly #state: DiskState;
  readonly #index = new IndexCheck();

  constructor(directory: string, state: DiskState) {
    this.#state = state;
    this.#readRows();
    let events = 0;
    let last = 0;
    readPages(directory, {
      events: (key, record) => {
        last = positionOf(key);
        events++;
        this.#readEvent(key, last, record);
      },
      index: (key) => {
        const { id, pos } = splitIndexKey(key);
        this.#index.found(id, pos);
      },
      receipts: (key, sealed) => this.#checkReceipt(key, sealed),
    });
    this.#checkTotals(events, last);
  }

  #readRows(): void {
    const { table, totals, store, streams, trimmer } = this.#state;
    table.restoreFloor(totals.floor);
    for (const { key, value } of store.streams.entries()) {
      const row = unseal(key, value) as Row | undefined;
      if (row === undefined) {
        this.#reportAll('what is known of a stream is damaged: history', { table: store.streams, key });
        continue;
      }
      const name = key.toString('latin1');
      this.#state.setRow(name, row);
      table.restore(name, row.published, row.trimmedTo, row.last);
      if (row.purgedTo > 0) {
        trimmer.resumePurge(name);
      }
    }
    if (streams.size !== totals.streams && this.damage.length === 0) {
      this.#reportAll(`${streams.size} streams are there instead of ${totals.streams}: history`);
    }
  }

  #readEvent(key: Buffer, pos: number, record: Buffer): void {
    if (isIntact(record, pos)) {
      this.#accept(key, pos, decodeHead(record));
    } else {
      this.#reportEvent('a damaged event', key);
    }
  }

  #checkReceipt(key: Buffer, sealed: Buffer): void {
    const { receipts } = this.#state.store;
    if (!isSealed(key, sealed)) {
      this.damage.push({ what: 'a damaged idempotency key', unreadable: { table: receipts, key: Buffer.from(key) } });
    }
  }

  /** What is damaged explains why they do not agree. */
  #checkTotals(events: number, last: number): void {
    const { totals } = this.#state;
    if (this.damage.length > 0) {
      return;
    }
    if (events !== totals.events || last > totals.head) {
      this.#reportAll(`${events} events are there instead of ${totals.events}: history`);
    } else if (!this.#index.isRight) {
      this.damage.push({ what: 'an index of streams that does not match their events' });
    }
  }

  #accept(key: Buffer, pos: number, head: RecordHead): void {
    const { stream, generated, previous, time, bytes } = head;
    const { streams } = this.#state;
    const disk = streams.get(stream);
    if (disk === undefined) {
      this.#reportEvent(`an event of the unknown stream ${stream}`, key);
      return;
    }
    this.#index.expect(disk.row.id, pos);
    if (pos <= disk.row.purgedTo) {
      return;
    }
    this.#checkLink(disk, generated, previous, pos);
    this.#state.added({ stream, pos, generated, time }, bytes);
  }

  /** What the link names must be the last one read, or be gone for a reason that is known. */
  #checkLink(disk: DiskStream, generated: boolean, previous: number, pos: number): void {
    const last = disk.lastOf(generated);
    const isGone = last === 0 && previous <= Math.max(disk.row.trimmedTo, disk.row.purgedTo);
    if (previous !== last && !isGone && !this.#isKnownLoss(previous)) {
      this.damage.push({ what: 'a missing event', lost: { from: last + 1, to: pos - 1 } });
    }
  }

  #isKnownLoss(pos: number): boolean {
    return isLost(this.#state.losses, pos) || isLost(lossesBy(this.damage), pos);
  }

  #reportEvent(what: string, key: Buffer): void {
    const pos = positionOf(key);
    const unreadable = { table: this.#state.store.events, key: Buffer.from(key) };
    this.damage.push({ what, lost: { from: pos, to: pos }, unreadable });
  }

  /** Nobody can tell where it was. */
  #reportAll(what: string, unreadable?: Damage['unreadable']): void {
    const lost = { from: 1, to: this.#state.head };
    this.damage.push(unreadable === undefined ? { what, lost } : { what, lost, unreadable });
  }
}
