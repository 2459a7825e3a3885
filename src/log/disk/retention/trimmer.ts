import { isStateStream } from '../../../events/names.js';
import type { Retention } from '../../retention.js';
import type { DiskStream } from '../disk-stream.js';
import { decodeHead, isIntact, MAX_TURN_BYTES, type RecordHead } from '../store/record.js';
import { type DiskStore, positionKey, positionOf, positionsOf } from '../store/store.js';
import { KeptStates } from './kept-states.js';
import { OverdueStreams } from './overdue-streams.js';
import { TrimPlan } from './trim-plan.js';
import { Usage } from './usage.js';

/**
 * Decides what has outlived the retention limits, a bounded number at a time: purged streams first, then streams over
 * their own limit, then the oldest over the limits for all. A state stream's latest event stays until a newer one takes
 * its place, or room is needed for other streams or newer states.
 */
export class Trimmer {
  readonly #store: DiskStore;
  readonly #streams: ReadonlyMap<string, DiskStream>;
  readonly #purges = new Set<string>();
  readonly #overdue: OverdueStreams;
  readonly #states: KeptStates;
  readonly #usage: Usage;
  /** Everything up to here has been looked at. */
  #examined = 0;

  constructor(store: DiskStore, streams: ReadonlyMap<string, DiskStream>, limits: Retention) {
    this.#store = store;
    this.#streams = streams;
    this.#overdue = new OverdueStreams(store, streams, limits.eventsPerStream);
    this.#states = new KeptStates(limits.bytes);
    this.#usage = new Usage(limits);
  }

  /** An event has been stored, and its stream knows of it. */
  added({ stream, generated, bytes, time }: Omit<RecordHead, 'previous'>): void {
    this.#states.supersede(stream);
    if (!generated) {
      this.#usage.add(bytes, time);
    }
    this.#overdue.review(stream);
  }

  /** Everything that a stream retains is to go; it still knows what that is. */
  purge(stream: string): void {
    const disk = this.#streams.get(stream);
    if (disk === undefined) {
      return;
    }
    const uncounted = this.#states.take(stream);
    const uncountedBytes = uncounted.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#usage.remove(disk.published - uncounted.length, disk.publishedBytes - uncountedBytes);
    this.#overdue.drop(stream);
    this.#purges.add(stream);
  }

  /** A purge that an earlier run did not finish goes on. */
  resumePurge(stream: string): void {
    this.#purges.add(stream);
  }

  /** A stream is remembered no longer, and what was left of it goes in another way. */
  forgot(stream: string): void {
    this.#states.forget(stream);
  }

  /** Whether there is more to remove of a stream than it may keep. */
  isBehindWith(stream: string): boolean {
    return this.#purges.has(stream) || this.#overdue.all.has(stream);
  }

  isDue(now: number): boolean {
    const isAnyStreamDue = this.#purges.size > 0 || this.#overdue.all.size > 0 || this.#states.isDue;
    return isAnyStreamDue || !this.#usage.isWithinLimits(now, this.#usage.oldestTime);
  }

  /** What to remove next, `limit` events at most. */
  plan(limit: number, now: number): TrimPlan {
    const plan = new TrimPlan(limit, this.#examined, this.#usage.oldestTime);
    takeWhileRoom(plan, this.#purges, (stream) => this.#planPurge(plan, stream));
    takeWhileRoom(plan, this.#states.superseded, (removal) => plan.add(removal));
    takeWhileRoom(plan, this.#overdue.all, ([name, stream]) => this.#overdue.plan(plan, name, stream));
    this.#planOldest(plan, now);
    this.#planStates(plan);
    return plan;
  }

  /** The plan has been carried out. */
  applied(plan: TrimPlan): void {
    for (const removal of plan.removals.values()) {
      this.#states.removed(removal);
      if (removal.counted) {
        this.#usage.remove(1, removal.bytes);
      }
      this.#overdue.review(removal.stream);
    }
    for (const removal of plan.kept) {
      this.#usage.remove(1, removal.bytes);
      this.#states.keep(removal);
    }
    for (const stream of plan.finishedPurges) {
      this.#purges.delete(stream);
    }
    this.#examined = plan.examined;
    this.#usage.oldestTime = plan.oldestTime;
  }

  #planPurge(plan: TrimPlan, stream: string): void {
    const { left } = plan;
    const row = this.#streams.get(stream)?.row;
    const positions = row === undefined ? [] : positionsOf(this.#store, row.id, 0, row.purgedTo, left);
    const id = row?.id ?? 0;
    for (const pos of positions) {
      // Its bytes and its kind were taken off when it was purged from sight.
      plan.add({ pos, stream, id, generated: false, bytes: 0, counted: false });
    }
    if (positions.length < left) {
      plan.finishedPurges.push(stream);
    }
  }

  #planOldest(plan: TrimPlan, now: number): void {
    const { left } = plan;
    let { events, bytes } = plan.counted;
    let visited = 0;
    let visitedBytes = 0;
    for (const { key, value } of this.#store.events.entries({ start: positionKey(plan.examined + 1), limit: left })) {
      const pos = positionOf(key);
      // Whose a damaged event is, nobody can tell: it stays until its stream's own limit or the next start removes it.
      const head = isIntact(value, pos) ? decodeHead(value) : undefined;
      if (head !== undefined && !head.generated && this.#usage.isWithinLimits(now, head.time, { events, bytes })) {
        plan.isFull = false;
        plan.oldestTime = head.time;
        return;
      }
      visited++;
      visitedBytes += value.length;
      plan.examined = pos;
      if (head !== undefined && this.#examine(plan, pos, head)) {
        events++;
        bytes += head.bytes;
      }
      if (visitedBytes >= MAX_TURN_BYTES) {
        return;
      }
    }
    if (visited < left) {
      plan.isFull = false;
      plan.oldestTime = undefined;
    }
  }

  /** Of states that are to stay, those that do not fit, even of those that this plan has just come upon. */
  #planStates(plan: TrimPlan): void {
    for (const removal of this.#states.surplus(plan.kept)) {
      if (plan.left === 0) {
        plan.isFull = true;
        return;
      }
      plan.add(removal);
    }
  }

  /** Marks an event over the limits for all; false when it does not count for them or is marked already. */
  #examine(plan: TrimPlan, pos: number, { stream, generated, bytes }: RecordHead): boolean {
    const disk = this.#streams.get(stream);
    if (generated || disk === undefined || pos <= disk.row.purgedTo || plan.removals.has(pos)) {
      return false;
    }
    const removal = { pos, stream, id: disk.row.id, generated, bytes, counted: true };
    if (isStateStream(stream) && pos === disk.last) {
      plan.keep(removal);
    } else {
      plan.add(removal);
    }
    return true;
  }
}

/** Takes of what is due until the plan is full, so that no turn visits more than it can do. */
function takeWhileRoom<T>(plan: TrimPlan, due: Iterable<T>, take: (item: T) => void): void {
  for (const item of due) {
    if (plan.left === 0) {
      return;
    }
    take(item);
  }
}
