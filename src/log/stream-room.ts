import { SluiceError } from '../errors.js';
import type { NewEvent } from '../events/event.js';
import { GENERATED_STREAMS } from './retention.js';
import type { StreamState } from './stream-state.js';

/** How many streams a log remembers, and which are forgotten first to make room for another. */
export class StreamRoom {
  readonly #limit: number;
  readonly #streams: ReadonlyMap<string, StreamState>;
  /** Published streams without events: the first to be forgotten. */
  readonly #empty = new Set<StreamState>();
  /** Those that hold just a state which has outlived the limits, oldest first: the next to be forgotten. */
  readonly #outlived = new Set<StreamState>();
  /** Streams of generators alone, least recently written first. They have a limit of their own. */
  readonly #generated = new Set<StreamState>();

  constructor(limit: number, streams: ReadonlyMap<string, StreamState>) {
    this.#limit = limit;
    this.#streams = streams;
  }

  /** Whether all that a stream holds is a state that has outlived the limits. */
  isOutlived(state: StreamState): boolean {
    return this.#outlived.has(state);
  }

  /**
   * Makes sure that a batch does not take more streams than are remembered.
   * @param added streams begun by batches that are admitted but not yet committed; those of this batch are added
   * @throws SluiceError 429
   */
  admit(batch: readonly NewEvent[], added: Set<string>): void {
    const held = this.#published - this.#empty.size - this.#outlived.size;
    const begun = new Set<string>();
    for (const { stream, generated } of batch) {
      if (!generated && !added.has(stream) && !this.#counts(this.#streams.get(stream))) {
        begun.add(stream);
      }
    }
    if (begun.size > 0 && held + added.size + begun.size > this.#limit) {
      throw new SluiceError(
        'SLUICE_TOO_MANY_STREAMS',
        429,
        `the limit of ${this.#limit} streams is reached: publish to one there is, purge one, or raise MAX_STREAMS`,
      );
    }
    for (const stream of begun) {
      added.add(stream);
    }
  }

  /** A stream has got an event, of whatever kind. */
  filled(state: StreamState): void {
    this.forget(state);
    if (!state.published) {
      this.#generated.add(state);
    }
  }

  /** A stream has no events, or none any more. */
  emptied(state: StreamState): void {
    this.#outlived.delete(state);
    (state.published ? this.#empty : this.#generated).add(state);
  }

  /** The latest event of a state stream has outlived the limits, and stays only while there is room for its stream. */
  outlived(state: StreamState): void {
    this.#outlived.add(state);
  }

  /** Streams to forget because there are too many, at most `limit`: their events are to be removed, then they are forgotten. */
  surplus(limit: number): StreamState[] {
    const generated = firstOf(this.#generated, Math.min(limit, this.#generated.size - GENERATED_STREAMS));
    const published = Math.min(limit - generated.length, this.#published - this.#limit);
    const empty = firstOf(this.#empty, published);
    return [...generated, ...empty, ...firstOf(this.#outlived, published - empty.length)];
  }

  forget(state: StreamState): void {
    this.#empty.delete(state);
    this.#outlived.delete(state);
    this.#generated.delete(state);
  }

  #counts(state: StreamState | undefined): boolean {
    return state?.published === true && !this.#empty.has(state) && !this.#outlived.has(state);
  }

  get #published(): number {
    return this.#streams.size - this.#generated.size;
  }
}

function firstOf<T>(items: Iterable<T>, count: number): T[] {
  const found: T[] = [];
  for (const item of items) {
    if (found.length >= count) {
      break;
    }
    found.push(item);
  }
  return found;
}
