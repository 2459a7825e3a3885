const MINUTE_MS = 60_000;
/** Addresses remembered, a few megabytes; of more, the one that has opened nothing for longest begins anew. */
const MAX_ADDRESSES = 50_000;

/**
 * How fast one address opens connections: a minute's worth at once, then evenly (the generic cell rate algorithm). Only
 * those that were taken in count, so a crowd that keeps trying comes in at that rate.
 */
export class OpeningRate {
  readonly #costMs: number;
  /** When an address will have paid for what it opened, epoch milliseconds; the last to open comes last. */
  readonly #paidAt = new Map<string, number>();

  /** @param limit most connections of an address in a minute; 0 for any number */
  constructor(limit: number) {
    this.#costMs = limit > 0 ? MINUTE_MS / limit : 0;
  }

  isOver(address: string | undefined, now: number): boolean {
    // A millisecond more, or rounding would cost the last one its place.
    return address !== undefined && this.#debt(address, now) + this.#costMs > MINUTE_MS + 1;
  }

  add(address: string | undefined, now: number): void {
    if (address === undefined || this.#costMs === 0) {
      return;
    }
    const paidAt = now + this.#debt(address, now) + this.#costMs;
    this.#paidAt.delete(address);
    const [oldest] = this.#paidAt.keys();
    if (oldest !== undefined && this.#paidAt.size >= MAX_ADDRESSES) {
      this.#paidAt.delete(oldest);
    }
    this.#paidAt.set(address, paidAt);
  }

  #debt(address: string, now: number): number {
    const debt = Math.max(0, (this.#paidAt.get(address) ?? 0) - now);
    // It cannot owe more than a minute, unless the clock was set back.
    return debt > 2 * MINUTE_MS ? 0 : debt;
  }
}
