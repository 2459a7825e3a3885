/** How large the measurements are. */
export interface Sizes {
  readonly watchers: number;
  /** The large audience. */
  readonly crowd: number;
  /** Length of a run, in seconds. */
  readonly seconds: number;
  /** Length of the one before it that is not counted: until V8 has compiled what publishing runs through, and each stream has had an event. */
  readonly warmUp: number;
  /** Time for which a crowd is left alone before its memory is read. */
  readonly idleSeconds: number;
  /** Events a second of the open-loop runs; latency is compared at the second. */
  readonly rates: readonly number[];
  readonly maxRate: number;
  readonly audiences: readonly number[];
  readonly streams: readonly number[];
  readonly patterns: readonly number[];
  readonly payloads: readonly number[];
}

export const full: Sizes = {
  watchers: 1000,
  crowd: 15_000,
  seconds: 2,
  warmUp: 3,
  idleSeconds: 3,
  rates: [10, 100, 1000],
  maxRate: 20_000,
  audiences: [10, 100, 1000, 5000, 15_000],
  streams: [1, 100, 1000, 10_000],
  patterns: [1, 10, 100, 1000],
  payloads: [100, 1000, 10_000, 100_000],
};

/** Runs everything once, in seconds; its figures mean nothing. */
export const quick: Sizes = {
  watchers: 50,
  crowd: 100,
  seconds: 0.1,
  warmUp: 0.05,
  idleSeconds: 0.1,
  rates: [10, 100],
  maxRate: 200,
  audiences: [10],
  streams: [10],
  patterns: [10],
  payloads: [1000],
};
