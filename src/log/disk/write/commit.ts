import type { LogListener, Receipt } from '../../event-log.js';
import type { StreamState } from '../../stream-state.js';
import type { DiskState } from '../disk-state.js';
import { unseal } from '../store/sealed.js';
import { positionOf, positionsOf, type Transaction } from '../store/store.js';
import { Group } from './group.js';
import type { AppendJob, Job, PurgeJob } from './job-queue.js';

/** About so many streams and events of theirs one commit forgets at most, so that none keeps the event loop for long. */
const MAX_FORGOTTEN = 256;

/** What goes into one commit: jobs, trims, receipts that expire. When it has been flushed, it settles them in memory. */
export class Commit {
  /** Whether more is due than one commit takes. */
  isBehind = false;
  readonly #state: DiskState;
  readonly #listener: LogListener | undefined;
  readonly #now: number;
  readonly #group: Group;
  readonly #settlements: (() => void)[] = [];

  constructor(state: DiskState, listener: LogListener | undefined, epoch: string, now: number) {
    const { streams, totals, nextId } = state;
    this.#state = state;
    this.#listener = listener;
    this.#now = now;
    this.#group = new Group(streams, totals, nextId, epoch, now);
  }

  get isEmpty(): boolean {
    return this.#group.isEmpty;
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
      this.#group.expired.push({ position: key, key: time > this.#now - maxAgeMs ? undefined : value });
    }
    this.isBehind ||= this.#group.expired.length === limit;
  }

  /** Takes in what retention wants removed, about `limit` events. */
  addTrims(limit: number): void {
    const { trimmer } = this.#state;
    if (trimmer.isDue(this.#now)) {
      const plan = trimmer.plan(limit, this.#now);
      this.#group.addTrim(plan);
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
      if (left > 0 && row !== undefined && !this.#group.touches(surplus.name)) {
        const positions = positionsOf(store, row.id, 0, head, Number.POSITIVE_INFINITY);
        this.#group.forget(surplus, row.id, positions);
        left -= 1 + positions.length;
      }
    }
  }

  put(transaction: Transaction): void {
    this.#group.put(transaction, this.#state.store);
  }

  /** It has been flushed: memory follows, and everyone is told. */
  settle(): void {
    this.#state.settle(this.#group);
    this.#listener?.trimmed(this.#group.removed);
    for (const settle of this.#settlements) {
      settle();
    }
    for (const { state } of this.#group.forgotten) {
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
      this.#state.table.admit(batch, this.#group.admitted);
    } catch (error) {
      reject(error as Error);
      return;
    }
    const written = this.#group.append(batch, claim);
    const events = written.map(({ event }) => event);
    this.#settlements.push(() => {
      for (const { event, bytes } of written) {
        this.#state.added(event, bytes);
      }
      resolve({ events, reached: this.#listener?.committed(events) ?? 0 });
    });
  }

  #addPurge({ stream, resolve }: PurgeJob): void {
    if (!this.#state.streams.has(stream) && !this.#group.rows.has(stream)) {
      this.#settlements.push(() => resolve(0));
      return;
    }
    const upTo = this.#group.purge(stream);
    this.isBehind = true;
    this.#settlements.push(() => {
      const events = this.#state.purged(stream);
      this.#listener?.purged(stream, upTo);
      resolve(events);
    });
  }
}
