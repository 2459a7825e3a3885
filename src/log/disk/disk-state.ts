import type { StoredEvent } from '../../events/event.js';
import type { Retention } from '../retention.js';
import type { StreamState } from '../stream-state.js';
import { StreamTable } from '../stream-table.js';
import { DiskStream, type Row } from './disk-stream.js';
import type { Loss } from './losses.js';
import type { TrimPlan } from './retention/trim-plan.js';
import { Trimmer } from './retention/trimmer.js';
import { EpochList } from './store/epochs.js';
import { readMeta, readTotals, type Totals } from './store/meta.js';
import type { DiskStore } from './store/store.js';
import type { WriteBatch } from './write/write-batch.js';

/** What is kept in memory of a log on disk. It changes only with what has been committed. */
export class DiskState {
  readonly store: DiskStore;
  readonly table: StreamTable;
  readonly streams = new Map<string, DiskStream>();
  readonly trimmer: Trimmer;
  epochs: EpochList;
  losses: readonly Loss[];
  totals: Totals;
  /** First stream number not yet given away. */
  nextId = 1;
  /** Events retained, and their bytes; what was purged does not count, even while it is still being removed. */
  events = 0;
  bytes = 0;

  /** @throws DamageError when what the log says of itself cannot be read */
  constructor(store: DiskStore, retention: Retention) {
    this.store = store;
    this.table = new StreamTable(retention.streams);
    this.trimmer = new Trimmer(store, this.streams, retention);
    this.epochs = new EpochList(readMeta(store, 'epochs') ?? []);
    this.losses = readMeta(store, 'losses') ?? [];
    this.totals = readTotals(store);
  }

  get head(): number {
    return this.totals.head;
  }

  setRow(name: string, row: Row): void {
    const disk = this.streams.get(name);
    if (disk === undefined) {
      this.streams.set(name, new DiskStream(row));
      this.nextId = Math.max(this.nextId, row.id + 1);
    } else {
      disk.row = row;
    }
  }

  added(event: Pick<StoredEvent, 'stream' | 'pos' | 'generated' | 'time'>, bytes: number): void {
    const { stream, pos, generated, time } = event;
    this.streams.get(stream)?.added(pos, generated, bytes);
    this.table.added(event, bytes);
    this.trimmer.added({ stream, generated, bytes, time });
    this.events++;
    this.bytes += bytes;
  }

  trimmed(plan: TrimPlan): void {
    for (const { stream, pos, generated, bytes } of plan.removals.values()) {
      const disk = this.streams.get(stream);
      if (disk !== undefined && pos > disk.row.purgedTo) {
        disk.removed(pos, generated, bytes);
        this.table.removed({ stream, pos, generated }, bytes);
        this.events--;
        this.bytes -= bytes;
      }
    }
    this.trimmer.applied(plan);
    for (const { stream } of plan.kept) {
      this.table.outlived(stream);
    }
  }

  /** Everything of a stream is gone, at least from sight; returns how many events that were. */
  purged(stream: string): number {
    const state = this.table.get(stream);
    const events = state?.events ?? 0;
    this.events -= events;
    this.bytes -= state?.bytes ?? 0;
    this.trimmer.purge(stream);
    this.streams.get(stream)?.clear();
    this.table.purged(stream);
    return events;
  }

  forgot(state: StreamState): void {
    this.events -= state.events;
    this.bytes -= state.bytes;
    this.trimmer.forgot(state.name);
    this.streams.delete(state.name);
    // A trim like any other: a catch-up under way is owed what goes here.
    this.table.purged(state.name);
    this.table.forget(state);
  }

  /** Takes over what a commit has changed beside events, in what reads see as well. */
  settle(batch: WriteBatch): void {
    this.store.renew();
    // Taken first: a batch counts the streams it begins against those known so far.
    const { totals } = batch;
    if (batch.trim !== undefined) {
      this.trimmed(batch.trim);
    }
    for (const [name, row] of batch.rows) {
      this.setRow(name, row);
    }
    this.totals = totals;
  }
}
