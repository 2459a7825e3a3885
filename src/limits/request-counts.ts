import { LruMap } from 'toad-cache';
import type { Clock } from '../clock.js';

/** Clients whose requests are counted; of more, the one that was idle longest begins anew. */
const MAX_CLIENTS = 10_000;

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
  readonly #periods = new LruMap<Period>(MAX_CLIENTS);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  incr(
    client: string,
    callback: (error: null, count: { current: number; ttl: number }) => void,
    periodMs: number,
  ): void {
    const now = this.#clock.elapsed();
    const period = this.#periodOf(client, now, periodMs);
    period.requests++;
    callback(null, { current: period.requests, ttl: period.since + periodMs - now });
  }

  /** For a route with a limit of its own. */
  child(): RequestCounts {
    return new RequestCounts(this.#clock);
  }

  #periodOf(client: string, now: number, periodMs: number): Period {
    const known = this.#periods.get(client);
    if (known !== undefined && now < known.since + periodMs) {
      return known;
    }
    const period = { since: now, requests: 0 };
    this.#periods.set(client, period);
    return period;
  }
}
