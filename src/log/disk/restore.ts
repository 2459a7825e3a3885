import type { Damage } from './damage.js';
import type { DiskState } from './disk-state.js';
import type { DiskStream, Row } from './disk-stream.js';
import { IndexCheck } from './index-check.js';
import { decodeHead, isIntact, type RecordHead } from './record.js';
import { isSealed, unseal } from './sealed.js';
import { positionOf, splitIndexKey } from './store.js';

/**
 * Reads a log from disk into what is kept of it in memory, and verifies it on the way: every record by its checksum,
 * that none is missing by each one's link to the one before it, by the trims, and by the totals, and the index.
 * @returns what is damaged or missing
 */
export function restore(state: DiskState): Damage[] {
  return new Restorer(state).damage;
}

class Restorer {
  readonly damage: Damage[] = [];
  readonly #state: DiskState;
  readonly #index = new IndexCheck();

  constructor(state: DiskState) {
    this.#state = state;
    this.#readRows();
    this.#readEvents();
    this.#checkIndex();
    this.#checkReceipts();
  }

  #readRows(): void {
    const { table, totals, store, epochs, streams, trimmer } = this.#state;
    table.restoreFloor(totals.floor);
    for (const { key, value } of store.streams.entries()) {
      const row = unseal(key, value) as Row | undefined;
      if (row === undefined) {
        this.#reportAll('what is known of a stream is damaged: history', { table: store.streams, key });
        continue;
      }
      const name = key.toString('latin1');
      this.#state.setRow(name, row);
      table.restore(name, row.published, row.trimmedTo, row.last, epochs.nameAt(row.last));
      if (row.purgedTo > 0) {
        trimmer.resumePurge(name);
      }
    }
    if (streams.size !== totals.streams && this.damage.length === 0) {
      this.#reportAll(`${streams.size} streams are there instead of ${totals.streams}: history`);
    }
  }

  #readEvents(): void {
    let count = 0;
    let last = 0;
    const { store, totals } = this.#state;
    for (const { key, value } of store.events.entries()) {
      last = positionOf(key);
      count++;
      if (isIntact(value, last)) {
        this.#accept(key, last, decodeHead(value));
      } else {
        this.#reportEvent('a damaged event', key);
      }
    }
    if ((count !== totals.events || last > totals.head) && this.damage.length === 0) {
      this.#reportAll(`${count} events are there instead of ${totals.events}: history`);
    }
  }

  #accept(key: Buffer, pos: number, head: RecordHead): void {
    const { stream, generated, previous, time, bytes } = head;
    const { streams, epochs } = this.#state;
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
    this.#state.added({ stream, pos, generated, time, epoch: epochs.nameAt(pos) }, bytes);
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
    const found = this.damage.flatMap(({ lost }) => lost ?? []);
    return [...this.#state.losses, ...found].some(({ from, to }) => from <= pos && pos <= to);
  }

  #checkIndex(): void {
    for (const key of this.#state.store.index.keys()) {
      const { id, pos } = splitIndexKey(key);
      this.#index.found(id, pos);
    }
    if (!this.#index.isRight && this.damage.length === 0) {
      this.damage.push({ what: 'an index of streams that does not match their events' });
    }
  }

  #checkReceipts(): void {
    const { receipts } = this.#state.store;
    for (const { key, value } of receipts.entries()) {
      if (!isSealed(key, value)) {
        this.damage.push({ what: 'a damaged idempotency key', unreadable: { table: receipts, key } });
      }
    }
  }

  #reportEvent(what: string, key: Buffer): void {
    const pos = positionOf(key);
    this.damage.push({ what, lost: { from: pos, to: pos }, unreadable: { table: this.#state.store.events, key } });
  }

  /** Nobody can tell where it was. */
  #reportAll(what: string, unreadable?: Damage['unreadable']): void {
    const lost = { from: 1, to: this.#state.head };
    this.damage.push(unreadable === undefined ? { what, lost } : { what, lost, unreadable });
  }
}
