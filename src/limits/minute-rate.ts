import { LruMap } from 'toad-cache';

const MINUTE_MS = 60_000;
/** Addresses remembered, a few megabytes; of more, the one that was looked at least recently begins anew. */
const MAX_ADDRESSES = 50_000;

/**
 * How often an address does something: a minute's worth at once, then evenly (the generic cell rate algorithm). Only what
 * is counted costs, so a crowd that keeps trying comes in at that rate.
 */
export class MinuteRate {
  readonly #costMs: number;
  /** When an address will have paid for what it did, by a clock's `elapsed`. */
  readonly #paidAt = new LruMap<number>(MAX_ADDRESSES);

  /** @param limit most in a minute for each address; 0 for any number */
  constructor(limit: number) {
    this.#costMs = limit > 0 ? MINUTE_MS / limit : 0;
  }

  isOver(address: string | undefined, now: number): boolean {
    return this.waitMs(address, now) > 0;
  }

  /** Time until an address may do it once more. */
  waitMs(address: string | undefined, now: number): number {
    if (address === undefined) {
      return 0;
    }
    const waitMs = this.#debt(address, now) + this.#costMs - MINUTE_MS;
    // A millisecond less, or rounding would cost the last one its place.
    return waitMs > 1 ? waitMs : 0;
  }

  add(address: string | undefined, now: number): void {
    if (address === undefined || this.#costMs === 0) {
      return;
    }
    // At most a minute, also of those that were under way together before any was counted.
    this.#paidAt.set(address, now + Math.min(this.#debt(address, now) + this.#costMs, MINUTE_MS));
  }

  #debt(address: string, now: number): number {
    return Math.max(0, (this.#paidAt.get(address) ?? 0) - now);
  }
}
