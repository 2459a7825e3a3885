import { SluiceError } from '../errors.js';
import type { NewEvent, StoredEvent } from '../events/event.js';
import { sizeOf } from '../events/event.js';
import { isStateStream } from '../events/names.js';
import { matches, type Selection } from '../streams/selection.js';
import { GENERATED_STREAMS, type StreamSummary, type Trimmed } from './event-log.js';
import { SortedList } from './sorted-list.js';
import { TrimIndex } from './trim-index.js';

/** What is remembered of a stream, also when none of its events is left. */
export interface StreamState {
  readonly name: string;
  /** False while only generators have written to it. */
  published: boolean;
  events: number;
  bytes: number;
  /** Newest position ever, until the stream is forgotten, and its epoch. */
  last: number;
  epoch: string;
  /** Newest position removed from its history; 0 when nothing was. */
  trimmedTo: number;
  /** The table's count of trims at that removal. */
  trimmedAt: number;
}

/**
 * The streams of a log: what each holds and how far it was trimmed. It remembers `limit` published streams; a stream
 * forgotten to make room for another leaves its trim in the floor that holds for all unknown streams, so that
 * forgetting can cause a gap too many but never a false `exact`.
 */
export class StreamTable {
  readonly #limit: number;
  readonly #streams = new Map<string, StreamState>();
  readonly #byName = new SortedList<StreamState, string>((state) => state.name);
  readonly #states = new SortedList<StreamState, number>((state) => state.last);
  readonly #trims = new TrimIndex();
  /** Published streams without events: the first to be forgotten. */
  readonly #empty = new Set<StreamState>();
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

  /** @throws SluiceError 429 when a batch would take more streams than are remembered */
  admit(batch: readonly NewEvent[]): void {
    const published = this.#streams.size - this.#generated.size - this.#empty.size;
    const added = new Set<string>();
    for (const { stream, generated } of batch) {
      const state = this.#streams.get(stream);
      if (!generated && (state === undefined || !state.published || this.#empty.has(state))) {
        added.add(stream);
      }
    }
    if (added.size > 0 && published + added.size > this.#limit) {
      throw new SluiceError('SLUICE_TOO_MANY_STREAMS', 429, `the limit of ${this.#limit} streams is reached`);
    }
  }

  added(event: StoredEvent): StreamState {
    const state = this.#streams.get(event.stream) ?? this.#create(event.stream);
    this.#empty.delete(state);
    this.#generated.delete(state);
    state.published ||= !event.generated;
    state.events++;
    state.bytes += sizeOf(event);
    this.#setLast(state, event);
    if (!state.published) {
      this.#generated.add(state);
    }
    this.#makeRoom();
    return state;
  }

  /** An event has left the history: from now on a cursor before it has a gap in this stream. */
  removed({ stream, pos }: StoredEvent, bytes: number): void {
    const state = this.#streams.get(stream);
    if (state === undefined) {
      return;
    }
    state.events--;
    state.bytes -= bytes;
    this.#trims.set(state, Math.max(state.trimmedTo, pos));
    if (state.events === 0) {
      this.#states.delete(state);
      if (state.published) {
        this.#empty.add(state);
      }
    }
  }

  /** The generators' stream that is one too many, if there is one; its events are to be removed, then it is forgotten. */
  surplus(): StreamState | undefined {
    const [oldest] = this.#generated;
    return this.#generated.size > GENERATED_STREAMS ? oldest : undefined;
  }

  forget(state: StreamState): void {
    this.#streams.delete(state.name);
    this.#byName.delete(state);
    this.#states.delete(state);
    this.#empty.delete(state);
    this.#generated.delete(state);
    this.#trims.forget(state);
  }

  trimmedAfter(selection: Selection, pos: number): Trimmed {
    return this.#trims.after(selection, pos, (name) => this.#streams.get(name));
  }

  trimmedSince(selection: Selection, pos: number, trims: number): boolean {
    return this.#trims.since(selection, pos, trims, (name) => this.#streams.get(name));
  }

  /** Positions of the latest events of the chosen state streams, ascending; of more than `limit`, the newest. */
  latestStates(selection: Selection, limit: number): number[] {
    const found: number[] = [];
    for (const { name, last } of this.#stateCandidates(selection)) {
      if (matches(selection, name) && found.push(last) === limit) {
        break;
      }
    }
    return found.sort((a, b) => a - b);
  }

  list(prefix: string, after: string, limit: number): Omit<StreamSummary, 'oldest'>[] {
    const found: Omit<StreamSummary, 'oldest'>[] = [];
    for (const state of this.#byName.above(after >= prefix ? after : before(prefix))) {
      if (!state.name.startsWith(prefix) || found.length === limit) {
        break;
      }
      const { name: stream, events, bytes, last, epoch } = state;
      found.push({ stream, events, bytes, last, epoch });
    }
    return found;
  }

  #create(name: string): StreamState {
    const state: StreamState = {
      name,
      published: false,
      events: 0,
      bytes: 0,
      last: 0,
      epoch: '',
      trimmedTo: 0,
      trimmedAt: 0,
    };
    this.#streams.set(name, state);
    this.#byName.add(state);
    this.#trims.adopt(state);
    return state;
  }

  #setLast(state: StreamState, { pos, epoch }: StoredEvent): void {
    const isState = isStateStream(state.name);
    if (isState) {
      this.#states.delete(state);
    }
    state.last = pos;
    state.epoch = epoch;
    if (isState) {
      this.#states.add(state);
    }
  }

  /** A name is looked up; only a pattern has to look through the state streams, and it stops at the limit. */
  #stateCandidates(selection: Selection): Iterable<StreamState> {
    if (selection.prefixes.length > 0) {
      return this.#states.descending();
    }
    return selection.names
      .filter(isStateStream)
      .flatMap((name) => this.#streams.get(name) ?? [])
      .filter((state) => state.events > 0);
  }

  #makeRoom(): void {
    const [oldest] = this.#empty;
    if (oldest !== undefined && this.#streams.size - this.#generated.size > this.#limit) {
      this.forget(oldest);
    }
  }
}

/** A key just before every name that starts with `prefix`; names have no control characters. */
function before(prefix: string): string {
  const last = prefix.length - 1;
  return last < 0 ? '' : `${prefix.slice(0, last)}${String.fromCharCode(prefix.charCodeAt(last) - 1)}\uffff`;
}
