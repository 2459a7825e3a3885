import type { Retention } from '../../retention.js';
import type { DiskStream } from '../disk-stream.js';
import type { RecordHead } from '../store/record.js';
import { type DiskStore, positionsOf } from '../store/store.js';
import { KeptStates } from './kept-states.js';
import { OldestEvents } from './oldest-events.js';
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
  readonly #oldest: OldestEvents;
  /** Everything up to here has been looked at. */
  #examined = 0;

  constructor(store: DiskStore, streams: ReadonlyMap<string, DiskStream>, limits: Retention) {
    this.#store = store;
    this.#streams = streams;
    this.#overdue = new OverdueStreams(store, streams, limits.eventsPerStream);
    this.#states = new KeptStates(limits.bytes);
    this.#usage = new Usage(limits);
    this.#oldest = new OldestEvents(store, streams, this.#usage);
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
    this.#oldest.plan(plan, now);
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
