/** How much history a log keeps. Each limit trims the oldest first. */
export interface Retention {
  readonly events: number;
  readonly bytes: number;
  readonly ageMs: number;
  readonly eventsPerStream: number;
  /** How long an idempotency key is remembered, in milliseconds. */
  readonly receiptsMs: number;
  /** Streams with published events that are remembered. */
  readonly streams: number;
}

/** How often what has outlived its limits is looked for, though nothing is published. */
export const RETENTION_CHECK_MS = 1000;
/** Generators' events kept of each stream, outside the other limits. */
export const GENERATED_PER_STREAM = 100;
/** Streams remembered that only generators wrote to. */
export const GENERATED_STREAMS = 1000;
