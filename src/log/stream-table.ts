import type { NewEvent, StoredEvent } from '../events/event.js';
import type { Selection } from '../events/selection.js';
import type { KnownStreams, StreamSummary, Told, Trimmed } from './known-streams.js';
import { LatestStates } from './latest-states.js';
import { NameList } from './name-list.js';
import { StreamRoom } from './stream-room.js';
import { newStreamState, type StreamState } from './stream-state.js';
import { TrimIndex } from './trim-index.js';

/** What the table needs to know of an event. */
type Added = Pick<StoredEvent, 'stream' | 'pos' | 'generated'>;

/**
 * The streams of a log: what each holds and how far it was trimmed. It remembers `limit` published streams; a stream
 * forgotten to make room for another leaves its trim in the floor that holds for all unknown streams, so that
 * forgetting can cause a gap too many but never a false `exact`.
 */
export class StreamTable implements KnownStreams {
  readonly #streams = new Map<string, StreamState>();
  readonly #byName = new NameList<StreamState>((state) => state.name);
  readonly #states = new LatestStates();
  readonly #trims = new TrimIndex();
  readonly #room: StreamRoom;

  /** @param limit published streams to remember */
  constructor(limit: number) {
    this.#room = new StreamRoom(limit, this.#streams);
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
   * @param added streams begun by batches that are admitted but not yet committed; those of this batch are added
   * @throws SluiceError 429
   */
  admit(batch: readonly NewEvent[], added = new Set<string>()): void {
    this.#room.admit(batch, added);
  }

  isPublished(name: string): boolean {
    return this.#streams.get(name)?.published ?? false;
  }

  holds(name: string): boolean {
    return (this.#streams.get(name)?.events ?? 0) > 0;
  }

  isOutlived(name: string): boolean {
    const state = this.#streams.get(name);
    return state !== undefined && this.#room.isOutlived(state);
  }

  added(event: Added, bytes: number): void {
    const state = this.#streams.get(event.stream) ?? this.#create(event.stream);
    state.published ||= !event.generated;
    state.events++;
    state.bytes += bytes;
    this.#states.move(state, event.pos);
    this.#room.filled(state);
  }

  /** A stream is known from before, without events so far. */
  restore(name: string, published: boolean, trimmedTo: number, last: number): void {
    const state = this.#create(name);
    Object.assign(state, { published, last, trimmedTo });
    // At or below the floor it began there, and the floor speaks for it in patterns.
    if (trimmedTo > this.#trims.floor) {
      this.#trims.set(state, trimmedTo);
    }
    this.#room.emptied(state);
  }

  /** Sets the trim that holds for all streams not remembered. */
  restoreFloor(floor: number): void {
    this.#trims.restoreFloor(floor);
  }

  /** The latest event of a state stream has outlived the limits, and stays only while there is room for its stream. */
  outlived(name: string): void {
    const state = this.#streams.get(name);
    if (state !== undefined) {
      this.#room.outlived(state);
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
    } else if (pos === state.last) {
      this.#states.delete(state);
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
    return this.#room.surplus(limit);
  }

  forget(state: StreamState): void {
    this.#streams.delete(state.name);
    this.#byName.delete(state);
    this.#states.delete(state);
    this.#room.forget(state);
    this.#trims.forget(state);
  }

  trimmedAfter(selection: Selection, pos: number): Trimmed {
    return this.#trims.after(selection, pos, (name) => this.#streams.get(name));
  }

  trimmedSince(selection: Selection, pos: number, trims: number, told?: Told): boolean {
    return this.#trims.since(selection, pos, trims, (name) => this.#streams.get(name), told);
  }

  /** Positions of the latest events of the chosen state streams, newest first, at most `limit`. */
  latestStates(selection: Selection, limit: number, upTo: number): number[] {
    return this.#states.of(selection, limit, upTo, (name) => this.#streams.get(name));
  }

  list(prefix: string, after: string, limit: number): StreamSummary[] {
    const page = this.#byName.page(prefix, after, limit);
    return Array.from(page, ({ name: stream, events, bytes, last }) => ({ stream, events, bytes, last }));
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
    this.#room.emptied(state);
  }
}
