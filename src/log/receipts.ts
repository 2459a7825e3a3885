import { FifoMap } from 'toad-cache';
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
  /** In the order in which they expire. */
  readonly #byKey = new FifoMap<Receipt>(MAX_RECEIPTS);

  constructor(maxAgeMs: number) {
    this.#maxAgeMs = maxAgeMs;
  }

  get(key: string, now: number): Receipt | undefined {
    const receipt = this.#byKey.get(key);
    return receipt !== undefined && receipt.time > now - this.#maxAgeMs ? receipt : undefined;
  }

  add(key: string, receipt: Receipt): void {
    // Set alone, a key that is used again would keep its place.
    this.#byKey.delete(key);
    this.#byKey.set(key, receipt);
  }

  expire(now: number): void {
    for (
      let oldest = this.#oldest;
      oldest !== undefined && oldest.time <= now - this.#maxAgeMs;
      oldest = this.#oldest
    ) {
      this.#byKey.evict();
    }
  }

  get #oldest(): Receipt | undefined {
    return this.#byKey.first?.value;
  }
}
