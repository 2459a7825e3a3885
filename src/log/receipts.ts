import type { StoredEvent } from '../events/event.js';
import type { Claim, Receipt } from './event-log.js';

/** Receipts kept in memory; beyond, the oldest is forgotten early. */
const MAX_RECEIPTS = 100_000;

/** @param events a batch as it was stored, at least one event */
export function createReceipt({ fingerprint }: Claim, events: readonly StoredEvent[]): Receipt {
  const [event] = events;
  if (event === undefined) {
    throw new RangeError('a batch has at least one event');
  }
  const { epoch, pos, stream, type, time } = event;
  return { fingerprint, epoch, first: pos, count: events.length, stream, type, time };
}

/** Receipts by key, in memory, for a while. */
export class Receipts {
  readonly #maxAgeMs: number;
  readonly #byKey = new Map<string, Receipt>();

  constructor(maxAgeMs: number) {
    this.#maxAgeMs = maxAgeMs;
  }

  get(key: string, now: number): Receipt | undefined {
    const receipt = this.#byKey.get(key);
    return receipt !== undefined && receipt.time > now - this.#maxAgeMs ? receipt : undefined;
  }

  add(key: string, receipt: Receipt): void {
    this.#byKey.delete(key);
    this.#byKey.set(key, receipt);
    const [oldest] = this.#byKey.keys();
    if (this.#byKey.size > MAX_RECEIPTS && oldest !== undefined) {
      this.#byKey.delete(oldest);
    }
  }

  expire(now: number): void {
    for (const [key, receipt] of this.#byKey) {
      if (receipt.time > now - this.#maxAgeMs) {
        return;
      }
      this.#byKey.delete(key);
    }
  }
}
