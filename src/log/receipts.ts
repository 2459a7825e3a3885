import { FifoMap } from 'toad-cache';
import type { StoredEvent } from '../events/event.js';

/** Receipts kept in memory; beyond, the oldest is forgotten early. */
const MAX_RECEIPTS = 100_000;

/** A publisher's word that a request is the same whenever it carries the same key. */
export interface Claim {
  readonly key: string;
  /** Tells whether the request really is the same. */
  readonly fingerprint: string;
}

/** What is remembered of a batch that came with a claim. */
export interface Receipt {
  readonly fingerprint: string;
  readonly epoch: string;
  /** Position of its first event; the others follow it without a gap. */
  readonly first: number;
  readonly count: number;
  /** Of the first event. */
  readonly stream: string;
  readonly type: string;
  readonly time: number;
}

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
