import type { Format } from '../events/frame.js';
import type { Selection } from '../events/selection.js';
import type { Cohort } from './cohorts/cohort.js';
import type { Outlet, Sink } from './sinks/sink.js';

/** Counts of ended streams, by why they ended. */
export function countEnds() {
  return {
    /** The watcher left. */
    client: 0,
    /** It read too slowly. */
    slow: 0,
    shutdown: 0,
    /** It had been open for as long as allowed. */
    age: 0,
    /** Its lease ran out. */
    expired: 0,
    /** Its lease was taken away. */
    revoked: 0,
    /** What it was to catch up with has gone meanwhile. */
    overtaken: 0,
    /** Serving it failed. */
    error: 0,
  };
}

/** Why a stream ended. */
export type CloseReason = keyof ReturnType<typeof countEnds>;

/** What is known of a connection once it has ended. */
export interface ConnectionSummary {
  readonly reason: CloseReason;
  readonly durationMs: number;
  /** Events queued to it; control frames do not count. */
  readonly events: number;
  /** Bytes queued to it, control frames included. */
  readonly bytes: number;
}

/** One watcher: where its bytes go, how far it has been served, why it ended. */
export class Connection {
  /** Its cohort's while it is live. */
  selection: Selection;
  readonly format: Format;
  readonly sink: Sink;
  /** Its sink's: one object less to fetch for each delivery. */
  readonly outlet: Outlet;
  /** By the clock's `elapsed`, as is `now` in its summary. */
  readonly since: number;
  /** The cohort it is live in; undefined while it catches up. */
  cohort: Cohort | undefined;
  /** Its neighbours in the ring of its cohort, kept by the ring. */
  next: Connection = this;
  previous: Connection = this;
  /** How many of its cohort's events it has been given, those before it came included; kept by the cohort. */
  served = 0;
  /** Its turn among the heartbeats, kept by them. */
  slot = 0;
  /** Everything wanted up to here has been queued. While it is live, `served` says how far that is, and this stays behind. */
  position: number;
  /** Aborted when it may no longer watch, kept by the leases. */
  revoked: AbortSignal | undefined;
  /** Set when its end begins; its sink may take a while longer to close. */
  reason: CloseReason | undefined;
  /** Set while somebody waits for its bytes to leave; called when they have, or when it ends. */
  wake: (() => void) | undefined;
  #events = 0;
  #bytes = 0;

  constructor(selection: Selection, format: Format, sink: Sink, position: number, since: number) {
    this.selection = selection;
    this.format = format;
    this.sink = sink;
    this.outlet = sink.outlet;
    this.position = position;
    this.since = since;
  }

  get isOpen(): boolean {
    return this.reason === undefined;
  }

  /** Bytes queued so far; those of its cohort were taken off when it joined, so only the difference counts. */
  get bytes(): number {
    return this.#bytes + (this.cohort?.bytesOf(this) ?? 0);
  }

  /** Queues bytes for this connection alone, and counts them. */
  write(chunk: Buffer, events = 0): void {
    this.count(events, chunk.length);
    this.outlet.write(chunk);
  }

  /** Queues bytes and resolves in a later turn, once they have been sent or the connection has ended. */
  async writeAndDrain(chunk: Buffer, events: number): Promise<void> {
    this.count(events, chunk.length);
    await new Promise<void>((resolve) => {
      this.wake = () => setImmediate(resolve);
      this.outlet.write(chunk, this.wake);
    });
    this.wake = undefined;
  }

  count(events: number, bytes: number): void {
    this.#events += events;
    this.#bytes += bytes;
  }

  /** What it amounts to, at its end. */
  summary(now: number): ConnectionSummary {
    const durationMs = Math.round(now - this.since);
    return { reason: this.reason ?? 'client', durationMs, events: this.#events, bytes: this.#bytes };
  }
}
