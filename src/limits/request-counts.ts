import type { Clock } from '../clock.js';

/** Clients whose requests are counted at least; of more, those that were idle longest begin anew. */
const MIN_CLIENTS = 10_000;

interface Period {
  readonly since: number;
  requests: number;
}

/**
 * Counts the requests of each client in periods of time, as a store of @fastify/rate-limit. With the store of its own a
 * clock that is set back would refuse clients for as long as it was set back by.
 */
export class RequestCounts {
  readonly #clock: Clock;
  /** In two halves, as a map is slow to find its oldest entry once many have been removed. */
  #recent = new Map<string, Period>();
  #earlier = new Map<string, Period>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  incr(
    client: string,
    callback: (error: null, count: { current: number; ttl: number }) => void,
    periodMs: number,
  ): void {
    const now = this.#clock.now();
    const period = this.#periodOf(client, now, periodMs);
    period.requests++;
    callback(null, { current: period.requests, ttl: period.since + periodMs - now });
  }

  /** For a route with a limit of its own. */
  child(): RequestCounts {
    return new RequestCounts(this.#clock);
  }

  #periodOf(client: string, now: number, periodMs: number): Period {
    const known = this.#recent.get(client) ?? this.#earlier.get(client);
    const isRunning = known !== undefined && now >= known.since && now < known.since + periodMs;
    const period = isRunning ? known : { since: now, requests: 0 };
    this.#recent.set(client, period);
    if (this.#recent.size > MIN_CLIENTS) {
      this.#earlier = this.#recent;
      this.#recent = new Map();
    }
    return period;
  }
}
