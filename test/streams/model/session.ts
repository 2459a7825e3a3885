import assert from 'node:assert/strict';
import type { EventSourceMessage } from 'eventsource-parser';
import { parseCursor } from '../../../src/events/cursor.js';
import type { Format } from '../../../src/events/frame.js';
import type { Selection } from '../../../src/events/selection.js';
import type { ConnectionSummary } from '../../../src/streams/connection.js';
import { STALL_MS } from '../../../src/streams/ends/backpressure.js';
import type { StreamRegistry } from '../../../src/streams/registry.js';
import type { Verdict } from '../../../src/streams/resume/resume.js';
import { createReader } from '../../support/frames.js';
import { TestSink } from '../../support/test-sink.js';
import type { History, Told } from './history.js';

/** How often it is looked whether something was sent; one look may come right after the last bytes. */
const CHECK_MS = 1000;

interface SessionStart {
  readonly selection: Selection;
  readonly format: Format;
  readonly cursor: string | undefined;
  readonly isFlowing: boolean;
  readonly maxBufferedBytes: number;
  /** The test's time, ms. */
  readonly elapsed: () => number;
}

/** One connection, held against the oracle with every message that arrives. */
export class Session {
  readonly sink: TestSink;
  readonly verdict: Verdict;
  /** The id a reconnection would carry. */
  cursor: string | undefined;
  summary: ConnectionSummary | undefined;
  readonly #history: History;
  readonly #start: SessionStart;
  /** Wanted events that were gone when it began; all others it must get. */
  readonly #lost: ReadonlySet<number>;
  /** Events purged before it began. */
  readonly #purged: ReadonlySet<number>;
  /** The newest event when it began. */
  readonly #head: number;
  /** Wanted events that it went past, of streams that it had been told of. */
  readonly #skipped: number[] = [];
  #pos: number;
  /** What was wrong with a message or with the end, if anything was. */
  #failure: unknown;

  constructor(streams: StreamRegistry, history: History, start: SessionStart, from: number, lost: number[]) {
    this.#history = history;
    this.#start = start;
    this.#pos = from;
    this.#lost = new Set(lost);
    this.#purged = new Set(history.purged);
    this.#head = history.head;
    this.cursor = start.cursor;
    const reader = createReader((message) => this.#guard(() => this.#take(message)));
    this.sink = new TestSink((chunk) => reader.feed(chunk), start.elapsed);
    this.sink.isFlowing = start.isFlowing;
    const onClose = (summary: ConnectionSummary) => this.#guard(() => this.#closed(summary));
    this.verdict = streams.subscribe({ ...start, sink: this.sink, onClose });
  }

  get isOpen(): boolean {
    return this.sink.state === 'open';
  }

  /** Everything up to this position has been received, as far as there was anything. */
  get pos(): number {
    return this.#pos;
  }

  /** Whether it has yet to get a wanted event; of what it was told of, more may be gone. */
  async isOwed(): Promise<boolean> {
    const owed = this.#history.wanted(this.#start.selection, this.#pos).filter((pos) => !this.#lost.has(pos));
    if (owed.every((pos) => !this.#isTold(pos))) {
      return owed.length > 0;
    }
    const gone = new Set(await this.#history.missing(this.#start.selection, this.#pos));
    return owed.some((pos) => !gone.has(pos) || !this.#isTold(pos));
  }

  /** Throws what it found wrong with a message or with the end; and one that ended as overtaken must have been. */
  async check(): Promise<void> {
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
    assert.deepEqual(await this.#passedOver(), [], 'an event that is there was passed over');
    if (this.summary?.reason === 'overtaken') {
      assert.ok(await this.#isOvertaken(), 'overtaken without a cause');
    }
  }

  #isTold(pos: number): boolean {
    const stream = this.#history.at(pos)?.stream ?? '';
    // Some messages come while it is being taken in, before anything more can go.
    const { reason, gaps = [] } = (this.verdict as Verdict | undefined) ?? {};
    // Without names it may be any of them.
    return reason === 'trimmed' && (gaps.length === 0 || gaps.includes(stream)) && pos <= this.#head;
  }

  /** The hub calls from where nobody would see an error. */
  #guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.#failure ??= error;
    }
  }

  #take(message: EventSourceMessage): void {
    if (message.id === undefined) {
      return; // initial state
    }
    const cursor = parseCursor(message.id);
    assert.ok(cursor, 'an id is a cursor');
    const control = this.#control(message);
    if (control === 'connected') {
      assert.equal(cursor.pos, this.#pos, 'replay starts from the cursor that came');
    } else {
      assert.ok(cursor.pos > this.#pos || control, `no duplicate, no disorder: ${cursor.pos} after ${this.#pos}`);
      this.#advance(cursor.pos, control === undefined ? message : undefined);
    }
    this.cursor = message.id;
  }

  /** Moves on to `pos`, where an event lies or a heartbeat stands. */
  #advance(pos: number, message: EventSourceMessage | undefined): void {
    const { selection } = this.#start;
    assert.ok(pos >= this.#pos && pos <= this.#history.head);
    const before = message === undefined ? pos : pos - 1;
    const skipped = this.#history.wanted(selection, this.#pos, before).filter((pos) => !this.#lost.has(pos));
    const untold = skipped.filter((pos) => !this.#isTold(pos));
    assert.deepEqual(untold, [], `no loss on the way from ${this.#pos} to ${pos}`);
    this.#skipped.push(...skipped);
    if (message !== undefined) {
      assert.deepEqual(this.#history.wanted(selection, pos - 1, pos), [pos], 'nothing that was not wanted');
      assert.ok(!this.#purged.has(pos), 'nothing that was purged');
      assert.deepEqual(this.#content(message), contentOf(this.#history.at(pos)));
    }
    this.#pos = pos;
  }

  #control({ event, data }: EventSourceMessage): string | undefined {
    const type = this.#start.format === 'plain' ? event : JSON.parse(data).type;
    return type === 'connected' || type === 'heartbeat' ? type : undefined;
  }

  #content({ event, data }: EventSourceMessage) {
    if (this.#start.format === 'plain') {
      return { type: event ?? 'message', data };
    }
    const { type, data: value } = JSON.parse(data);
    return { type, data: textOf(value) };
  }

  /** The server may end a session for two reasons only, and must have had them. */
  #closed(summary: ConnectionSummary): void {
    this.summary = summary;
    if (summary.reason === 'slow') {
      const { unsent, stillSince } = this.sink;
      const stillMs = this.#start.elapsed() - stillSince;
      const isSlow = unsent > this.#start.maxBufferedBytes || stillMs >= STALL_MS - CHECK_MS;
      assert.ok(isSlow, `slow with ${unsent} bytes unsent for ${stillMs} ms`);
    } else if (summary.reason !== 'client') {
      assert.equal(summary.reason, 'overtaken');
    }
  }

  /** Events that it went past though they are there. */
  async #passedOver(): Promise<number[]> {
    const gone = new Set(this.#skipped.length === 0 ? [] : await this.#history.missing(this.#start.selection, 0));
    return this.#skipped.filter((pos) => !gone.has(pos));
  }

  /** Whether retention really took something it was still owed. */
  async #isOvertaken(): Promise<boolean> {
    const gone = await this.#history.missing(this.#start.selection, this.#pos);
    return this.#history.floor > this.#pos || gone.some((pos) => !this.#lost.has(pos));
  }
}

function contentOf(told: Told | undefined) {
  return { type: told?.type ?? 'message', data: textOf(told?.data) };
}

function textOf(data: unknown): string {
  return typeof data === 'string' ? data : JSON.stringify(data);
}
