import type { Selection } from '../events/selection.js';

/** What a log knows of its streams, beside their events. */
export interface KnownStreams {
  /** What of a selection was trimmed after a position. Never visits every stream. */
  trimmedAfter(selection: Selection, pos: number): Trimmed;

  /**
   * Whether something of a selection was trimmed after a position since the log's `usage().trims` was `trims`.
   * @param told what does not count
   */
  trimmedSince(selection: Selection, pos: number, trims: number, told?: Told): boolean;

  /** Streams by name after `after`, at most `limit`. */
  list(prefix: string, after: string, limit: number): StreamSummary[];

  /** Whether anything but a generator ever wrote to a stream, as far as is remembered. */
  isPublished(stream: string): boolean;

  /** Whether anything of a stream is retained. */
  holds(stream: string): boolean;

  /** Whether all it retains is one state past the retention limits, kept only until another stream needs its place. */
  isOutlived(stream: string): boolean;
}

export interface Trimmed {
  /** Streams concerned, of those that are remembered. */
  readonly count: number;
  /** Names of at most 100 of them, the latest trimmed first. */
  readonly streams: readonly string[];
  /** True when it may concern streams that the log no longer remembers. */
  readonly floor: boolean;
}

/** What a watcher knows: that up to there it may miss events of these streams. */
export interface Told {
  readonly streams: ReadonlySet<string>;
  /** And of those that are not remembered. */
  readonly floor: boolean;
  readonly upTo: number;
}

export interface StreamSummary {
  readonly stream: string;
  /** Newest position the stream ever had. */
  readonly last: number;
  readonly events: number;
  readonly bytes: number;
}
