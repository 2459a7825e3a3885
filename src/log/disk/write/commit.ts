import type { LogListener } from '../../event-log.js';
import type { Receipt } from '../../receipts.js';
import type { StreamState } from '../../stream-state.js';
import type { DiskState } from '../disk-state.js';
import { unseal } from '../store/sealed.js';
import { positionOf, positionsOf, type Transaction } from '../store/store.js';
import type { AppendJob, Job, PurgeJob } from './job-queue.js';
import { WriteBatch } from './write-batch.js';

/** About so many streams and events of theirs one commit forgets at most, so that none keeps the event loop for long. */
const MAX_FORGOTTEN = 256;

/** What goes into one commit: jobs, trims, receipts that expire. When it has been flushed, it settles them in memory. */
export class Commit {
  /** Whether more is due than one commit takes. */
  isBehind = false;
  readonly #state: DiskState;
  readonly #listener: LogListener | undefined;
  readonly #now: number;
  readonly #writes: WriteBatch;
  readonly #settlements: (() => void)[] = [];

  constructor(state: DiskState, listener: LogListener | undefined, epoch: string, now: number) {
    const { streams, totals, nextId } = state;
    this.#state = state;
    this.#listener = listener;
    this.#now = now;
    this.#writes = new WriteBatch(streams, totals, nextId, epoch, now);
  }

  get isEmpty(): boolean {
    return this.#writes.isEmpty;
  }

  /** Takes in receipts older than `maxAgeMs`; looks at `limit` of them. */
  addExpired(maxAgeMs: number, limit: number): void {
    const { store } = this.#state;
    for (const { key, value } of store.expiry.entries({ limit })) {
      const receipt = store.receipts.get(value);
      const { time = 0, first = 0 } = receipt === undefined ? {} : ((unseal(value, receipt) ?? {}) as Partial<Receipt>);
      if (time > this.#now - maxAgeMs && first === positionOf(key)) {
        return;
      }
      // A key that was used again after its time has a receipt of its own, which stays.
      this.#writes.expired.push({ position: key, key: time > this.#now - maxAgeMs ? undefined : value });
    }
    this.isBehind ||= this.#writes.expired.length === limit;
  }

  /** Takes in what retention wants removed, about `limit` events. */
  addTrims(limit: number): void {
    const { trimmer } = this.#state;
    if (trimmer.isDue(this.#now)) {
      const plan = trimmer.plan(limit, this.#now);
      this.#writes.addTrim(plan);
      this.isBehind ||= plan.isFull;
    }
  }

  add(job: Job): void {
    'batch' in job ? this.#addAppend(job) : this.#addPurge(job);
  }

  /** Streams that are too many are forgotten in a commit that does not touch them. */
  addForgotten(): void {
    const { streams, store, head } = this.#state;
    let left = MAX_FORGOTTEN;
    for (const surplus of this.#surplus()) {
      const row = streams.get(surplus.name)?.row;
      if (left > 0 && row !== undefined && !this.#writes.touches(surplus.name)) {
        const positions = positionsOf(store, row.id, 0, head, Number.POSITIVE_INFINITY);
        this.#writes.forget(surplus, row.id, positions);
        left -= 1 + positions.length;
      }
    }
  }

  put(transaction: Transaction): void {
    this.#writes.put(transaction, this.#state.store);
  }

  /** It has been flushed: memory follows, and everyone is told. */
  settle(): void {
    this.#state.settle(this.#writes);
    this.#listener?.trimmed(this.#writes.removed);
    for (const settle of this.#settlements) {
      settle();
    }
    for (const { state } of this.#writes.forgotten) {
      this.#state.forgot(state);
    }
    this.isBehind ||= this.#surplus().length > 0;
  }

  /** The streams to forget, once little is left of them. */
  #surplus(): StreamState[] {
    const { table, trimmer } = this.#state;
    return table.surplus(MAX_FORGOTTEN).filter(({ name }) => !trimmer.isBehindWith(name));
  }

  #addAppend({ batch, claim, resolve, reject }: AppendJob): void {
    try {
      this.#state.table.admit(batch, this.#writes.admitted);
    } catch (error) {
      reject(error as Error);
      return;
    }
    const written = this.#writes.append(batch, claim);
    const events = written.map(({ event }) => event);
    this.#settlements.push(() => {
      for (const { event, bytes } of written) {
        this.#state.added(event, bytes);
      }
      resolve({ events, reached: this.#listener?.committed(events) ?? 0 });
    });
  }

  #addPurge({ stream, resolve }: PurgeJob): void {
    if (!this.#state.streams.has(stream) && !this.#writes.rows.has(stream)) {
      this.#settlements.push(() => resolve(0));
      return;
    }
    const upTo = this.#writes.purge(stream);
    this.isBehind = true;
    this.#settlements.push(() => {
      const events = this.#state.purged(stream);
      this.#listener?.purged(stream, upTo);
      resolve(events);
    });
  }
}
