import { SluiceError } from '../errors.js';
import type { NewEvent, StoredEvent } from '../events/event.js';
import { keyBefore } from '../events/names.js';
import type { Selection } from '../events/selection.js';
import { GENERATED_STREAMS, type StreamSummary, type Trimmed } from './event-log.js';
import { LatestStates } from './latest-states.js';
import { SortedList } from './sorted-list.js';
import { newStreamState, type StreamState } from './stream-state.js';
import { TrimIndex } from './trim-index.js';

/** What the table needs to know of an event. */
export type Added = Pick<StoredEvent, 'stream' | 'pos' | 'generated'>;

/**
 * The streams of a log: what each holds and how far it was trimmed. It remembers `limit` published streams; a stream
 * forgotten to make room for another leaves its trim in the floor that holds for all unknown streams, so that
 * forgetting can cause a gap too many but never a false `exact`.
 */
export class StreamTable {
  readonly #limit: number;
  readonly #streams = new Map<string, StreamState>();
  readonly #byName = new SortedList<StreamState, string>((state) => state.name);
  readonly #states = new LatestStates();
  readonly #trims = new TrimIndex();
  /** Published streams without events: the first to be forgotten. */
  readonly #empty = new Set<StreamState>();
  /** Those that hold just a state which has outlived the limits, oldest first: the next to be forgotten. */
  readonly #outlived = new Set<StreamState>();
  /** Streams of generators alone, least recently written first. */
  readonly #generated = new Set<StreamState>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#streams.size;
  }

  get trims(): number {
    return this.#trims.count;
  }

  get(name: string): StreamState | undefined {
    return this.#streams.get(name);
  }

  /**
   * Makes sure that a batch does not take more streams than are remembered.
   * @param added streams that batches admitted but not yet added take; this batch's are put to them
   * @throws SluiceError 429
   */
  admit(batch: readonly NewEvent[], added = new Set<string>()): void {
    const published = this.#streams.size - this.#generated.size - this.#empty.size - this.#outlived.size;
    const begun = new Set<string>();
    for (const { stream, generated } of batch) {
      if (!generated && !added.has(stream) && !(this.#streams.get(stream)?.published && this.holds(stream))) {
        begun.add(stream);
      }
    }
    if (begun.size > 0 && published + added.size + begun.size > this.#limit) {
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

  /** Whether a stream holds events, beside a state that has outlived the limits. */
  holds(name: string): boolean {
    const state = this.#streams.get(name);
    return state !== undefined && state.events > 0 && !this.#outlived.has(state);
  }

  added(event: Added, bytes: number): void {
    const state = this.#streams.get(event.stream) ?? this.#create(event.stream);
    this.#empty.delete(state);
    this.#outlived.delete(state);
    this.#generated.delete(state);
    state.published ||= !event.generated;
    state.events++;
    state.bytes += bytes;
    this.#states.move(state, event.pos);
    if (!state.published) {
      this.#generated.add(state);
    }
  }

  /** A stream is known from before, without events so far. */
  restore(name: string, published: boolean, trimmedTo: number, last: number): void {
    const state = this.#create(name);
    Object.assign(state, { published, last, trimmedTo });
    // At or below the floor it began there, and the floor speaks for it in patterns.
    if (trimmedTo > this.#trims.floor) {
      this.#trims.set(state, trimmedTo);
    }
    (published ? this.#empty : this.#generated).add(state);
  }

  /** The trim that holds for all streams not remembered. */
  get floor(): number {
    return this.#trims.floor;
  }

  restoreFloor(floor: number): void {
    this.#trims.restoreFloor(floor);
  }

  /** The latest event of a state stream has outlived the limits, and stays only while there is room for its stream. */
  outlived(name: string): void {
    const state = this.#streams.get(name);
    if (state !== undefined) {
      this.#outlived.add(state);
    }
  }

  /** An event has left the history: from now on a cursor before it has a gap in this stream. */
  removed({ stream, pos }: Added, bytes: number): void {
    const state = this.#streams.get(stream);
    if (state === undefined) {
      return;
    }
    state.events--;
    state.bytes -= bytes;
    this.#trims.set(state, Math.max(state.trimmedTo, pos));
    if (state.events === 0) {
      this.#forgetEvents(state);
    }
  }

  /** All that a stream has is gone. */
  purged(name: string): void {
    const state = this.#streams.get(name);
    if (state !== undefined && state.events > 0) {
      Object.assign(state, { events: 0, bytes: 0 });
      this.#trims.set(state, state.last);
      this.#forgetEvents(state);
    }
  }

  /** Streams to forget because there are too many, at most `limit`: their events are to be removed, then they are forgotten. */
  surplus(limit = 1): StreamState[] {
    const generated = firstOf(this.#generated, Math.min(limit, this.#generated.size - GENERATED_STREAMS));
    const published = Math.min(limit - generated.length, this.#streams.size - this.#generated.size - this.#limit);
    const empty = firstOf(this.#empty, published);
    return [...generated, ...empty, ...firstOf(this.#outlived, published - empty.length)];
  }

  forget(state: StreamState): void {
    this.#streams.delete(state.name);
    this.#byName.delete(state);
    this.#states.delete(state);
    this.#empty.delete(state);
    this.#outlived.delete(state);
    this.#generated.delete(state);
    this.#trims.forget(state);
  }

  trimmedAfter(selection: Selection, pos: number): Trimmed {
    return this.#trims.after(selection, pos, (name) => this.#streams.get(name));
  }

  trimmedSince(selection: Selection, pos: number, trims: number): boolean {
    return this.#trims.since(selection, pos, trims, (name) => this.#streams.get(name));
  }

  /** Positions of the latest events of the chosen state streams, newest first, at most `limit`. */
  latestStates(selection: Selection, limit: number): number[] {
    return this.#states.of(selection, limit, (name) => this.#streams.get(name));
  }

  list(prefix: string, after: string, limit: number): StreamSummary[] {
    const found: StreamSummary[] = [];
    for (const state of this.#byName.above(keyBefore(prefix, after))) {
      if (!state.name.startsWith(prefix) || found.length === limit) {
        break;
      }
      const { name: stream, events, bytes, last } = state;
      found.push({ stream, events, bytes, last });
    }
    return found;
  }

  #create(name: string): StreamState {
    const state = newStreamState(name);
    this.#streams.set(name, state);
    this.#byName.add(state);
    this.#trims.adopt(state);
    return state;
  }

  #forgetEvents(state: StreamState): void {
    this.#states.delete(state);
    this.#outlived.delete(state);
    if (state.published) {
      this.#empty.add(state);
    }
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
