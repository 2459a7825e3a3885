import assert from 'node:assert/strict';
import type { SluiceError } from '../../../src/errors.js';
import { formatCursor, parseCursor } from '../../../src/events/cursor.js';
import type { EventInput } from '../../../src/events/event.js';
import { parseSelection, type Selection } from '../../../src/events/selection.js';
import { turn } from '../../support/clock.js';
import { createHub, type TestHub } from '../../support/hub.js';
import { type Action, type CursorKind, type Setup, SLOTS } from './actions.js';
import { History } from './history.js';
import { Session } from './session.js';
import { checkVerdict } from './verdict.js';

const HEARTBEAT_MS = 15_000;

type Of<D extends Action['do']> = Extract<Action, { do: D }>;

/** A hub and its watchers, driven by a script and held against the oracle at every step. */
export class World {
  readonly history: History;
  readonly #hub: TestHub;
  readonly #setup: Setup;
  readonly #sessions: (Session | undefined)[] = Array.from({ length: SLOTS });
  /** Every session there ever was. */
  readonly #all: Session[] = [];

  constructor(setup: Setup) {
    const { retention, ...registry } = setup;
    this.#setup = setup;
    this.#hub = createHub({ retention, registry });
    this.history = new History(this.#hub.log);
  }

  async run(script: readonly Action[]): Promise<void> {
    for (const action of script) {
      await this.#do(action);
      this.history.noteForgotten();
      await this.#check();
    }
    await this.#settle();
    await this.#comeBack();
  }

  async #do(action: Action): Promise<void> {
    switch (action.do) {
      case 'publish':
        return this.#publish([action.stream], action.size);
      case 'batch':
        return this.#publish(action.streams, action.size);
      case 'purge':
        await this.#hub.bus.purge(action.stream);
        return this.history.purge(action.stream);
      case 'join':
        return this.#join(action);
      case 'wait':
        return this.#hub.clock.advance(action.ms);
      case 'turn':
        return turn();
      default:
        this.#steer(action);
    }
  }

  #steer(action: Of<'leave'> | Of<'drain'> | Of<'flow'>): void {
    const sink = this.#sessions[action.slot]?.sink;
    if (action.do === 'leave') {
      sink?.destroy();
    } else if (action.do === 'drain') {
      sink?.drain(action.bytes);
    } else if (sink !== undefined) {
      sink.isFlowing = action.isFlowing;
    }
  }

  async #publish(streams: readonly string[], size: number): Promise<void> {
    const { head } = this.history;
    const events = streams.map((stream, i) => createEvent(stream, head + 1 + i, size));
    try {
      const { ids } = await this.#hub.bus.publishBatch(events);
      this.history.events.push(...events.map((event, i) => ({ ...event, pos: parseCursor(ids[i] ?? '')?.pos ?? 0 })));
    } catch (error) {
      assert.equal((error as SluiceError).code, 'SLUICE_TOO_MANY_STREAMS');
    }
  }

  async #join({ slot, selection: text, format, cursor: kind, place, isFlowing }: Of<'join'>): Promise<void> {
    const previous = this.#sessions[slot];
    previous?.sink.destroy();
    const cursor = this.#cursor(kind, previous, place);
    await this.#open(slot, parseSelection(text), { format, cursor, isFlowing });
  }

  async #open(
    slot: number,
    selection: Selection,
    { format, cursor, isFlowing }: Pick<Of<'join'>, 'format' | 'isFlowing'> & { cursor: string | undefined },
  ): Promise<void> {
    const place = cursor === undefined ? undefined : parseCursor(cursor);
    const isInside = place?.epoch === this.#hub.log.epoch && place.pos <= this.history.head;
    const from = isInside ? place.pos : this.history.head;
    const missing = await this.history.missing(selection, from);
    const { maxBufferedBytes } = this.#setup;
    const elapsed = () => this.#hub.clock.elapsed();
    const start = { selection, format, cursor, isFlowing, maxBufferedBytes, elapsed };
    const session = new Session(this.#hub.streams, this.history, start, from, missing);
    checkVerdict(session.verdict, { history: this.history, epoch: this.#hub.log.epoch, selection, cursor, missing });
    this.#sessions[slot] = session;
    this.#all.push(session);
  }

  #cursor(kind: CursorKind, previous: Session | undefined, place: number): string | undefined {
    const { epoch } = this.#hub.log;
    const { head } = this.history;
    const cursors: Record<CursorKind, string | undefined> = {
      none: undefined,
      seen: previous?.cursor,
      old: formatCursor(epoch, place % (head + 1)),
      ahead: formatCursor(epoch, head + 1 + place),
      epoch: formatCursor('AAAAAAAAAAA', place),
      malformed: `${epoch}:${place}`,
    };
    return cursors[kind];
  }

  async #check(): Promise<void> {
    for (const session of this.#all) {
      await session.check();
    }
  }

  /** Lets everything arrive; then each session still open has all it is owed, and its next heartbeat stands at the head. */
  async #settle(): Promise<void> {
    for (const session of this.#sessions) {
      if (session !== undefined) {
        session.sink.isFlowing = true;
      }
    }
    for (let i = 0; i < 3 || (await this.#isAnyOwed()); i++) {
      assert.ok(i < 300, 'an open session never gets what it is owed');
      for (const session of this.#sessions) {
        session?.sink.drain();
      }
      await turn();
      await this.#check();
    }
    await this.#hub.clock.advance(HEARTBEAT_MS);
    for (const session of this.#sessions.filter((session) => session?.isOpen)) {
      assert.equal(session?.pos, this.history.head);
    }
    await this.#check();
  }

  async #isAnyOwed(): Promise<boolean> {
    const owed = await Promise.all(this.#sessions.map((session) => session?.isOpen && session.isOwed()));
    return owed.includes(true);
  }

  /** Everyone returns once more with what they saw last, and gets the rest. */
  async #comeBack(): Promise<void> {
    for (const [slot, session] of this.#sessions.entries()) {
      session?.sink.destroy();
      const selection = parseSelection(slot === 0 ? '*' : 'a,x.*');
      await this.#open(slot, selection, { format: 'envelope', cursor: session?.cursor, isFlowing: true });
    }
    await this.#settle();
  }
}

/** Text and values of different sizes, each telling its position, so that no two are alike. */
function createEvent(stream: string, pos: number, size: number): EventInput {
  const data = pos % 2 === 0 ? `${pos}\n${'x'.repeat(size)}` : { pos, pad: 'x'.repeat(size) };
  return pos % 3 === 0 ? { stream, data, type: 'note' } : { stream, data };
}
