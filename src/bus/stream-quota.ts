import { LruMap } from 'toad-cache';
import { SluiceError } from '../errors.js';
import type { KnownStreams } from '../log/known-streams.js';

/** Publishers remembered; of more, the one that began a stream least recently may begin as many anew. */
const MAX_PUBLISHERS = 1000;
/** Streams looked at to find some whose events are all gone, before further ones are refused. */
const LOOKED_AT = 64;

type Held = Pick<KnownStreams, 'holds' | 'isOutlived'>;

/** The streams that a publisher has begun, with the number of batches under way that begin them. */
type Begun = Map<string, number>;

/** Bounds how many streams one publisher may begin: those that hold events count, in memory, since the start. */
export class StreamQuota {
  readonly #limit: number;
  readonly #streams: Held;
  readonly #publishers = new LruMap<Begun>(MAX_PUBLISHERS);

  /**
   * @param limit streams of one publisher; 0 for any number
   * @param streams those of the log
   */
  constructor(limit: number, streams: Held) {
    this.#limit = limit;
    this.#streams = streams;
  }

  /**
   * Stores a batch for a publisher.
   * @throws SluiceError 429 when it would begin more streams than the publisher may, and whatever `store` throws
   */
  async within<T>(publisher: string, streams: Iterable<string>, store: () => Promise<T>): Promise<T> {
    const fresh = this.#limit === 0 ? [] : [...new Set(streams)].filter((stream) => !this.#streams.holds(stream));
    if (fresh.length === 0) {
      return store();
    }
    const begun = this.#take(publisher);
    this.#makeRoom(begun, fresh);
    for (const stream of fresh) {
      begun.set(stream, underWay(begun, stream) + 1);
    }
    try {
      return await store();
    } finally {
      for (const stream of fresh) {
        begun.set(stream, underWay(begun, stream) - 1);
        this.#forgetIdle(begun, stream);
      }
    }
  }

  #take(publisher: string): Begun {
    const begun: Begun = this.#publishers.get(publisher) ?? new Map();
    this.#publishers.set(publisher, begun);
    return begun;
  }

  /** Looks at those that were looked at least recently, so that a refusal costs little and all have their turn. */
  #makeRoom(begun: Begun, fresh: readonly string[]): void {
    const isOver = () => begun.size + fresh.filter((stream) => !begun.has(stream)).length > this.#limit;
    let left = isOver() ? LOOKED_AT : 0;
    for (const [stream, count] of begun) {
      if (left-- === 0) {
        break;
      }
      begun.delete(stream);
      begun.set(stream, count);
      this.#forgetIdle(begun, stream);
    }
    if (isOver()) {
      const message = `the limit of ${this.#limit} streams begun with one key or by one subject is reached: publish to one there is, purge one, or raise MAX_STREAMS_PER_PRINCIPAL`;
      throw new SluiceError('SLUICE_TOO_MANY_STREAMS', 429, message);
    }
  }

  #forgetIdle(begun: Begun, stream: string): void {
    const isIdle = underWay(begun, stream) === 0;
    if (isIdle && (!this.#streams.holds(stream) || this.#streams.isOutlived(stream))) {
      begun.delete(stream);
    }
  }
}

function underWay(begun: Begun, stream: string): number {
  return begun.get(stream) ?? 0;
}
