import { isStateStream } from '../../../events/names.js';
import type { DiskStream } from '../disk-stream.js';
import { decodeHead, isIntact, MAX_TURN_BYTES, type RecordHead } from '../store/record.js';
import { type DiskStore, positionKey, positionOf } from '../store/store.js';
import type { TrimPlan } from './trim-plan.js';
import type { Usage } from './usage.js';

/** The oldest events of all streams together, as far as they are over the limits for all. */
export class OldestEvents {
  readonly #store: DiskStore;
  readonly #streams: ReadonlyMap<string, DiskStream>;
  readonly #usage: Usage;

  constructor(store: DiskStore, streams: ReadonlyMap<string, DiskStream>, usage: Usage) {
    this.#store = store;
    this.#streams = streams;
    this.#usage = usage;
  }

  /** Puts what is over the limits into a plan, from where the last one ended, until there is no room or nothing more. */
  plan(plan: TrimPlan, now: number): void {
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
      if (head !== undefined && this.#take(plan, pos, head)) {
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

  /** Marks an event over the limits for all; false when it does not count for them or is marked already. */
  #take(plan: TrimPlan, pos: number, { stream, generated, bytes }: RecordHead): boolean {
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
