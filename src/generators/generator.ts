/** A built-in source of events. It knows neither HTTP nor watchers: it is asked for the next event in its own time. */
export interface Generator {
  readonly stream: string;
  readonly type: string;
  readonly intervalMs: number;
  /** True for one that only fills in until somebody publishes to its stream. */
  readonly untilPublished?: boolean;
  /** @param now epoch milliseconds */
  next(now: number): unknown;
}

/** Milliseconds between two events of each built-in stream. */
export interface GeneratorIntervals {
  readonly timeIntervalMs: number;
  readonly userActionIntervalMs: number;
  readonly stockIntervalMs: number;
  readonly metricsIntervalMs: number;
  readonly notificationsIntervalMs: number;
  readonly progressIntervalMs: number;
  readonly clockIntervalMs: number;
}

/** One of the items, at random. */
export function pick<T>(items: readonly [T, ...T[]]): T {
  return items[Math.floor(Math.random() * items.length)] ?? items[0];
}
