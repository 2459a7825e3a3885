import type { EventInput } from '../../../src/events/event.js';
import { matches, type Selection } from '../../../src/events/selection.js';
import type { EventLog } from '../../../src/log/event-log.js';
import { readAll } from '../../log/contract/support.js';

/** An event as its publisher knows it. */
export interface Told extends EventInput {
  readonly pos: number;
}

/**
 * The oracle: a plain list of every event ever published, and what the log still has of it. What a watcher is owed
 * follows from these alone.
 */
export class History {
  readonly events: Told[] = [];
  /** Positions that somebody wanted gone for good. */
  readonly purged = new Set<number>();
  /** Position below which a stream that is no longer remembered may have had events. */
  floor = 0;
  readonly #log: EventLog;

  constructor(log: EventLog) {
    this.#log = log;
  }

  get head(): number {
    return this.events.length;
  }

  at(pos: number): Told | undefined {
    return this.events[pos - 1];
  }

  /** Positions wanted by a selection in `from < pos <= to`. */
  wanted(selection: Selection, from: number, to = this.head): number[] {
    return this.events.slice(from, to).flatMap(({ stream, pos }) => (matches(selection, stream) ? [pos] : []));
  }

  /** Of those, the ones the log no longer has. */
  async missing(selection: Selection, from: number): Promise<number[]> {
    const retained = new Set((await readAll(this.#log, '*', from, Number.POSITIVE_INFINITY)).map(({ pos }) => pos));
    return this.wanted(selection, from).filter((pos) => !retained.has(pos));
  }

  purge(stream: string): void {
    for (const event of this.events.filter((event) => event.stream === stream)) {
      this.purged.add(event.pos);
    }
  }

  isRemembered(stream: string): boolean {
    return this.#log.streams.list(stream, '', 1)[0]?.stream === stream;
  }

  /** To be called after every change of the log. */
  noteForgotten(): void {
    const last = new Map(this.events.map(({ stream, pos }) => [stream, pos]));
    for (const [stream, pos] of last) {
      if (!this.isRemembered(stream)) {
        this.floor = Math.max(this.floor, pos);
      }
    }
  }
}
