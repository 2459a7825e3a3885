import type { Damage } from './damage.js';
import type { DiskState } from './disk-state.js';
import type { DiskStream, Row } from './disk-stream.js';
import { decodeHead, isIntact, type RecordHead, unseal } from './record.js';
import { positionKey, positionOf, positionsOf } from './store.js';

const EVERYTHING = Number.MAX_SAFE_INTEGER;

/**
 * Reads a log from disk into what is kept of it in memory, and verifies it on the way: every record by its checksum,
 * and that none is missing by each one's link to the one before it, by the trims, and by the totals.
 * @returns what is damaged or missing
 */
export function restore(state: DiskState): Damage[] {
  return new Restorer(state).damage;
}

class Restorer {
  readonly damage: Damage[] = [];
  readonly #state: DiskState;

  constructor(state: DiskState) {
    this.#state = state;
    this.#readRows();
    this.#readEvents();
  }

  #readRows(): void {
    const { table, totals, store, epochs, streams, trimmer } = this.#state;
    table.restoreFloor(totals.floor);
    for (const { key, value } of store.streams.entries()) {
      const row = unseal(value) as Row | undefined;
      if (row === undefined) {
        this.damage.push({ from: 1, to: totals.head, what: 'what is known of a stream is damaged: history', row: key });
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
      this.#report(1, totals.head, `${streams.size} streams are there instead of ${totals.streams}: history`);
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
        this.#accept(last, decodeHead(value));
      } else {
        this.#report(last, last, 'a damaged event');
      }
    }
    if (count !== totals.events || last > totals.head) {
      this.#findMissing(count);
    }
  }

  #accept(pos: number, head: RecordHead): void {
    const { stream, generated, previous, time, bytes } = head;
    const { streams, epochs } = this.#state;
    const disk = streams.get(stream);
    if (disk === undefined) {
      this.#report(pos, pos, `an event of the unknown stream ${stream}`);
      return;
    }
    if (pos <= disk.row.purgedTo) {
      return;
    }
    this.#checkLink(disk, generated, previous);
    this.#state.added({ stream, pos, generated, time, epoch: epochs.nameAt(pos) }, bytes);
  }

  /** What the link names must be the last one read, or be gone for a reason that is known. */
  #checkLink(disk: DiskStream, generated: boolean, previous: number): void {
    const last = disk.lastOf(generated);
    const isGone = last === 0 && previous <= Math.max(disk.row.trimmedTo, disk.row.purgedTo);
    if (previous !== last && !isGone && !this.#isKnownLoss(previous)) {
      this.#report(last + 1, previous, 'a missing event');
    }
  }

  #isKnownLoss(pos: number): boolean {
    return [...this.#state.losses, ...this.damage].some(({ from, to }) => from <= pos && pos <= to);
  }

  /** Slow, and only when the totals do not agree: each entry of the index is held against the events. */
  #findMissing(count: number): void {
    const { store, streams, totals } = this.#state;
    const before = this.damage.length;
    for (const { row } of streams.values()) {
      for (const pos of positionsOf(store, row.id, 0, EVERYTHING, EVERYTHING)) {
        if (store.events.get(positionKey(pos)) === undefined && !this.#isKnownLoss(pos)) {
          this.#report(pos, pos, 'a missing event');
        }
      }
    }
    if (this.damage.length === before) {
      this.#report(1, totals.head, `${count} events are there instead of ${totals.events}: history`);
    }
  }

  #report(from: number, to: number, what: string): void {
    this.damage.push({ from, to, what });
  }
}
