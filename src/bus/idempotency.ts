import { SluiceError } from '../errors.js';
import { isLine } from '../events/names.js';
import type { Appended, EventLog } from '../log/event-log.js';
import { type Claim, createReceipt, type Receipt } from '../log/receipts.js';

/** Longest key a client may send, in characters. */
export const MAX_KEY_LENGTH = 255;

/** What came of a publish: done now, or found done before. */
export interface Outcome {
  readonly receipt: Receipt;
  /** Live connections reached; undefined when it was done before. */
  readonly reached: number | undefined;
}

/**
 * Lets a batch that comes again with the same key be stored once (draft-ietf-httpapi-idempotency-key-header): the
 * second is answered with what the first one was told. Only what was stored is remembered.
 */
export class Idempotency {
  readonly #log: EventLog;
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(log: EventLog) {
    this.#log = log;
  }

  /**
   * @param append stores the batch, with the claim
   * @throws SluiceError 400 for what is no claim, 422 when the key was used for something else
   */
  async once(claim: Claim, append: () => Promise<Appended>): Promise<Outcome> {
    checkClaim(claim);
    for (let earlier = this.#underWay.get(claim.key); earlier !== undefined; earlier = this.#underWay.get(claim.key)) {
      // Whether it succeeds or fails, the log tells afterwards.
      await earlier.catch(() => {});
    }
    const known = this.#log.receipt(claim.key);
    if (known !== undefined) {
      return { receipt: checked(claim, known), reached: undefined };
    }
    const appending = append();
    this.#underWay.set(claim.key, appending);
    try {
      const { events, reached } = await appending;
      return { receipt: createReceipt(claim, events), reached };
    } finally {
      this.#underWay.delete(claim.key);
    }
  }
}

/** A host may hand in anything, and what the log cannot write would end all writing. */
function checkClaim({ key, fingerprint }: Claim): void {
  if (!isLine(key, MAX_KEY_LENGTH) || typeof fingerprint !== 'string') {
    const message = `a claim's key must be one line of 1 to ${MAX_KEY_LENGTH} characters, and its fingerprint a text`;
    throw new SluiceError('SLUICE_INVALID_IDEMPOTENCY_KEY', 400, message);
  }
}

function checked({ fingerprint }: Claim, receipt: Receipt): Receipt {
  if (receipt.fingerprint !== fingerprint) {
    throw new SluiceError(
      'SLUICE_IDEMPOTENCY_MISMATCH',
      422,
      'this Idempotency-Key was used for another request: use a new key for each new request',
    );
  }
  return receipt;
}
