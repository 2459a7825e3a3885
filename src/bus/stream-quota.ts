import { SluiceError } from '../errors.js';

/** Publishers remembered; of more, the one that began a stream least recently may begin as many anew. */
const MAX_PUBLISHERS = 1000;
/** Streams looked at to find one whose events are all gone, before a further one is refused. */
const LOOKED_AT = 64;

/** Bounds how many streams one publisher may begin: those with events count, in memory, since the start. */
export class StreamQuota {
  readonly #limit: number;
  readonly #holds: (stream: string) => boolean;
  /** What each began, the publisher that began one last comes last. */
  readonly #begun = new Map<string, Set<string>>();

  /**
   * @param limit streams of one publisher; 0 for any number
   * @param holds whether a stream has events
   */
  constructor(limit: number, holds: (stream: string) => boolean) {
    this.#limit = limit;
    this.#holds = holds;
  }

  /** @throws SluiceError 429 when a publisher may not begin this stream, unless it has begun already */
  admit(publisher: string, stream: string): void {
    if (this.#limit === 0 || this.#holds(stream)) {
      return;
    }
    const streams = this.#take(publisher);
    if (!streams.has(stream) && streams.size >= this.#limit && !this.#forgetIdle(streams)) {
      const message = `you have begun ${this.#limit} streams, as many as you may`;
      throw new SluiceError('SLUICE_TOO_MANY_STREAMS', 429, message);
    }
    streams.add(stream);
  }

  #take(publisher: string): Set<string> {
    const streams = this.#begun.get(publisher) ?? new Set();
    this.#begun.delete(publisher);
    const [oldest] = this.#begun.keys();
    if (oldest !== undefined && this.#begun.size >= MAX_PUBLISHERS) {
      this.#begun.delete(oldest);
    }
    this.#begun.set(publisher, streams);
    return streams;
  }

  /** Looks at those that were looked at least recently, so that a refusal costs little and all have their turn. */
  #forgetIdle(streams: Set<string>): boolean {
    for (const stream of [...first(streams, LOOKED_AT)]) {
      streams.delete(stream);
      if (!this.#holds(stream)) {
        return true;
      }
      streams.add(stream);
    }
    return false;
  }
}

function* first<T>(items: Iterable<T>, count: number): Iterable<T> {
  let left = count;
  for (const item of items) {
    if (left-- === 0) {
      return;
    }
    yield item;
  }
}
