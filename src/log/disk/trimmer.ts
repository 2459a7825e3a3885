import { isStateStream } from '../../events/names.js';
import { GENERATED_PER_STREAM, type Retention } from '../event-log.js';
import type { DiskStream } from './disk-stream.js';
import { bytesOf, decodeHead, isIntact, type RecordHead } from './record.js';
import { type DiskStore, positionKey, positionOf, positionsOf } from './store.js';
import { type Removal, TrimPlan } from './trim-plan.js';
import { Usage } from './usage.js';

/**
 * Decides what has outlived the retention limits, a bounded number at a time: purged streams first, then streams over
 * their own limit, then the oldest over the limits for all. A state stream's latest event stays until a newer one takes
 * its place.
 */
export class Trimmer {
  readonly #store: DiskStore;
  readonly #streams: ReadonlyMap<string, DiskStream>;
  readonly #limits: Retention;
  readonly #purges = new Set<string>();
  readonly #overdue = new Set<string>();
  readonly #kept = new Map<string, Removal>();
  readonly #superseded = new Map<number, Removal>();
  readonly #usage: Usage;
  #examined = 0;

  constructor(store: DiskStore, streams: ReadonlyMap<string, DiskStream>, limits: Retention) {
    this.#store = store;
    this.#streams = streams;
    this.#limits = limits;
    this.#usage = new Usage(limits);
  }

  /** An event has been stored, and its stream knows of it. */
  added({ stream, generated, bytes, time }: Omit<RecordHead, 'previous'>): void {
    const kept = this.#kept.get(stream);
    if (kept !== undefined) {
      this.#kept.delete(stream);
      this.#superseded.set(kept.pos, kept);
    }
    if (!generated) {
      this.#usage.add(bytes, time);
    }
    if (this.#overdueOf(stream) > 0) {
      this.#overdue.add(stream);
    }
  }

  /** Everything that a stream retains is to go; it still knows what that is. */
  purge(stream: string): void {
    const disk = this.#streams.get(stream);
    if (disk === undefined) {
      return;
    }
    const uncounted = [...this.#kept.values(), ...this.#superseded.values()].filter((kept) => kept.stream === stream);
    const uncountedBytes = uncounted.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#usage.remove(disk.published - uncounted.length, disk.publishedBytes - uncountedBytes);
    this.#kept.delete(stream);
    this.#overdue.delete(stream);
    this.#purges.add(stream);
  }

  /** A purge that an earlier run did not finish goes on. */
  resumePurge(stream: string): void {
    this.#purges.add(stream);
  }

  /** Whether there is more to remove of a stream than it may keep. */
  isBehindWith(stream: string): boolean {
    return this.#purges.has(stream) || this.#overdue.has(stream);
  }

  /** Everything up to here has been looked at. */
  get examined(): number {
    return this.#examined;
  }

  isDue(now: number): boolean {
    const isAnyStreamDue = this.#purges.size > 0 || this.#overdue.size > 0 || this.#superseded.size > 0;
    return isAnyStreamDue || !this.#usage.isWithinLimits(now, this.#usage.oldestTime);
  }

  /** What to remove next, about `limit` events. */
  plan(limit: number, now: number): TrimPlan {
    const plan = new TrimPlan(this.#examined, this.#usage.oldestTime);
    this.#planPurges(plan, limit);
    for (const [pos, removal] of this.#superseded) {
      plan.removals.set(pos, removal);
    }
    for (const stream of this.#overdue) {
      this.#planOverdue(plan, stream, limit - plan.removals.size);
    }
    this.#planOldest(plan, Math.max(0, limit - plan.removals.size), now);
    return plan;
  }

  /** The plan has been carried out. */
  applied(plan: TrimPlan): void {
    for (const removal of [...plan.removals.values(), ...plan.kept]) {
      this.#superseded.delete(removal.pos);
      if (removal.counted) {
        this.#usage.remove(1, removal.bytes);
      }
    }
    for (const removal of plan.kept) {
      this.#kept.set(removal.stream, { ...removal, counted: false });
    }
    for (const stream of plan.finishedPurges) {
      this.#purges.delete(stream);
    }
    for (const stream of this.#overdue) {
      if (this.#overdueOf(stream) <= 0) {
        this.#overdue.delete(stream);
      }
    }
    this.#examined = plan.examined;
    this.#usage.oldestTime = plan.oldestTime;
  }

  #planPurges(plan: TrimPlan, limit: number): void {
    for (const stream of this.#purges) {
      const left = limit - plan.removals.size;
      const row = this.#streams.get(stream)?.row;
      const positions = row === undefined ? [] : positionsOf(this.#store, row.id, 0, row.purgedTo, left);
      const id = row?.id ?? 0;
      for (const pos of positions) {
        // Its bytes and its kind were taken off when it was purged from sight.
        plan.removals.set(pos, { pos, stream, id, generated: false, bytes: 0, counted: false });
      }
      if (positions.length < left) {
        plan.finishedPurges.push(stream);
      }
    }
  }

  #planOverdue(plan: TrimPlan, stream: string, limit: number): void {
    const { row, generated, published } = this.#streams.get(stream) as DiskStream;
    const known = new Set(generated);
    const surplus = generated.slice(0, Math.max(0, Math.min(limit, generated.length - GENERATED_PER_STREAM)));
    const excess = Math.min(limit, published - this.#limits.eventsPerStream);
    if (excess > 0) {
      const oldest = positionsOf(this.#store, row.id, row.purgedTo, Number.MAX_SAFE_INTEGER, excess + known.size);
      surplus.push(...oldest.filter((pos) => !known.has(pos)).slice(0, excess));
    }
    for (const pos of surplus) {
      const isGenerated = known.has(pos);
      // Of a record only its size is asked, because it may be damaged by now.
      const bytes = this.#bytesAt(pos);
      plan.add({ pos, stream, id: row.id, generated: isGenerated, bytes, counted: !isGenerated });
    }
  }

  #planOldest(plan: TrimPlan, limit: number, now: number): void {
    let { events, bytes } = plan.counted;
    let visited = 0;
    const range = { start: positionKey(plan.examined + 1), limit };
    for (const { key, value } of limit === 0 ? [] : this.#store.events.entries(range)) {
      const pos = positionOf(key);
      // Whose a damaged event is, nobody can tell: it stays until its stream's own limit or the next start removes it.
      const head = isIntact(value, pos) ? decodeHead(value) : undefined;
      if (head !== undefined && !head.generated && this.#usage.isWithinLimits(now, head.time, { events, bytes })) {
        plan.isFull = false;
        plan.oldestTime = head.time;
        return;
      }
      visited++;
      plan.examined = pos;
      if (head !== undefined && this.#examine(plan, pos, head)) {
        events++;
        bytes += head.bytes;
      }
    }
    if (visited < limit) {
      plan.isFull = false;
      plan.oldestTime = undefined;
    }
  }

  /** Marks an event over the limits for all; false when it does not count for them or is marked already. */
  #examine(plan: TrimPlan, pos: number, { stream, generated, bytes }: RecordHead): boolean {
    const disk = this.#streams.get(stream);
    if (generated || disk === undefined || pos <= disk.row.purgedTo || plan.removals.has(pos)) {
      return false;
    }
    const removal = { pos, stream, id: disk.row.id, generated, bytes, counted: true };
    if (isStateStream(stream) && pos === disk.publishedLast) {
      plan.kept.push(removal);
    } else {
      plan.removals.set(pos, removal);
    }
    return true;
  }

  #bytesAt(pos: number): number {
    const record = this.#store.events.get(positionKey(pos));
    return record === undefined ? 0 : bytesOf(record);
  }

  /** By how many events a stream is over its own limits. */
  #overdueOf(stream: string): number {
    const disk = this.#streams.get(stream);
    return disk === undefined
      ? 0
      : Math.max(disk.generated.length - GENERATED_PER_STREAM, disk.published - this.#limits.eventsPerStream);
  }
}
