import type { Cursor } from '../events/cursor.js';
import type { NewEvent, StoredEvent } from '../events/event.js';
import type { Selection } from '../events/selection.js';
import type { KnownStreams } from './known-streams.js';
import type { Claim, Receipt } from './receipts.js';

/**
 * The one ordered history. It alone assigns positions and decides durability and retention;
 * everything above it only follows its order.
 */
export interface EventLog {
  /** The epoch that began with this start. */
  readonly epoch: string;
  /** The newest committed position that the listener has been given. */
  readonly head: number;
  readonly streams: KnownStreams;

  /**
   * Sets the one listener. Called once, before the first append.
   * @throws Error when there is one: the watchers would get nothing any more
   */
  listen(listener: LogListener): void;

  /**
   * Stores a batch, all or nothing, and resolves once it is as durable as configured and the listener has it.
   * @param claim stored with the batch, so that a repetition can be told
   * @throws SluiceError 429 when it would take more streams than allowed, 507 when the disk is full, 503 when it cannot be
   * stored for another reason, or the log is closed
   */
  append(batch: readonly NewEvent[], claim?: Claim): Promise<Appended>;

  /**
   * What was stored under a key, within the idempotency window.
   * @throws SluiceError 503 when that is damaged
   */
  receipt(key: string): Receipt | undefined;

  /** Why nothing can be appended at present; undefined while all is well. */
  problem(): string | undefined;

  /** The newest events, about `maxBytes` of them, oldest first: what the window starts with. */
  tail(maxBytes: number): StoredEvent[];

  /** Removes a stream's history; watchers behind it are told `trimmed`. Resolves to the number of events removed. */
  purge(stream: string): Promise<number>;

  /** Where a cursor lies: inside its epoch's range, beyond the end of it, or in no epoch this log knows. */
  locate(cursor: Cursor): 'inside' | 'ahead' | 'epoch';

  /** The cursor that stands for a position, in the epoch it belongs to. */
  cursorAt(pos: number): string;

  /** Whether a range recorded as lost lies after a position. */
  lostAfter(pos: number): boolean;

  /**
   * A page of what is retained of a selection after `pos`, oldest first: about `maxBytes` in all, and at least one event,
   * unless to look for it takes more than a turn bears. What turns out to be damaged is left out where that is allowed, and
   * counts as lost then.
   * @throws SluiceError 503 where it is not
   */
  read(selection: Selection, pos: number, maxBytes: number): Promise<Page>;

  /**
   * The latest events of the chosen state streams, newest first, at most `limit`, but for those after `upTo`. Each is read when it is asked for; all
   * are to be asked for in one turn. What turns out to be damaged is left out where that is allowed.
   * @throws SluiceError 503 where it is not, when such an event is asked for
   */
  latestStates(selection: Selection, limit: number, upTo?: number): Iterable<StoredEvent>;

  /**
   * Time of a stream's oldest retained event, epoch milliseconds; undefined when none is. It is read without the event,
   * and so without its checksum: where the time itself is damaged it may be undefined or wrong.
   */
  oldestTime(stream: string): number | undefined;

  /** What is kept in all. */
  usage(): LogUsage;

  /** Resolves when nothing is under way or due: what was accepted is stored, what has outlived its limits is removed. */
  idle(): Promise<void>;

  /** Finishes what was accepted and releases everything. */
  close(): Promise<void>;
}

/** Told of everything that happens to the log, in its order. */
export interface LogListener {
  /** A batch has been committed. Returns how many live connections it was queued to, which goes back to the publisher. */
  committed(events: readonly StoredEvent[]): number;
  /** Retention has removed the events at these positions. */
  trimmed(positions: readonly number[]): void;
  /** A purge removed everything of a stream up to a position. */
  purged(stream: string, upTo: number): void;
}

export interface Appended {
  readonly events: readonly StoredEvent[];
  /** What the listener answered: live connections reached. */
  readonly reached: number;
}

export interface Page {
  readonly events: readonly StoredEvent[];
  /** Everything of the selection up to here has been read. */
  readonly upTo: number;
}

export interface LogUsage {
  readonly events: number;
  readonly bytes: number;
  readonly streams: number;
  /** Trims so far. */
  readonly trims: number;
  /** Commits so far, and the time they took in all, in seconds. A commit may hold many appends. */
  readonly commits: number;
  readonly commitSeconds: number;
}
