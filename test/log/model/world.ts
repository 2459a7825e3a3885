import assert from 'node:assert/strict';
import type { SluiceError } from '../../../src/errors.js';
import { parseCursor } from '../../../src/events/cursor.js';
import { type NewEvent, prepareEvent, type StoredEvent } from '../../../src/events/event.js';
import { parseSelection } from '../../../src/events/selection.js';
import type { EventLog } from '../../../src/log/event-log.js';
import { StreamRegistry } from '../../../src/streams/registry.js';
import { History, type Told } from '../../streams/model/history.js';
import { Session } from '../../streams/model/session.js';
import { checkVerdict } from '../../streams/model/verdict.js';
import { createTestClock, type TestClock, turn } from '../../support/clock.js';
import { REGISTRY, retain } from '../../support/hub.js';
import { readAll } from '../contract/support.js';
import type { Action, Setup } from './actions.js';
import type { Storage } from './storage.js';

const MAX_BUFFERED_BYTES = 100_000_000;

type Of<D extends Action['do']> = Extract<Action, { do: D }>;

/** A cursor with the event it stands at: the same number in another history is another place. */
interface Given {
  readonly cursor: string;
  readonly event: Told | undefined;
}

/** What can be known of a history when its log is not at hand. */
type Saved = Pick<History, 'events' | 'purged' | 'floor'>;

const NOTHING: Saved = { events: [], purged: new Set(), floor: 0 };

/** A log, its watchers and its history, through crashes and restores, held against the oracle at every step. */
export class World {
  readonly #storage: Storage;
  readonly #setup: Setup;
  readonly #clock: TestClock;
  /** Every cursor that a watcher was left with. */
  readonly #given: Given[] = [];
  readonly #seen: (Given | undefined)[] = [];
  #log: EventLog;
  #history: History;
  #streams: StreamRegistry;
  #sessions: (Session | undefined)[] = [];
  /** Every session with the present log. */
  #all: Session[] = [];
  /** Batches that may not be stored yet. */
  #underWay: NewEvent[][] = [];
  #saved: Saved = NOTHING;
  #serial = 0;

  private constructor(storage: Storage, setup: Setup, clock: TestClock, log: EventLog) {
    this.#storage = storage;
    this.#setup = setup;
    this.#clock = clock;
    this.#log = log;
    this.#history = new History(log);
    this.#streams = this.#serve();
  }

  static async create(storage: Storage, setup: Setup): Promise<World> {
    const clock = createTestClock();
    return new World(storage, setup, clock, await storage.open(retain(setup.retention), clock));
  }

  async run(script: readonly Action[]): Promise<void> {
    try {
      for (const action of script) {
        await this.#do(action);
        await this.#check();
      }
      await this.#arrive();
      await this.#compare();
      await this.#restart('reopen');
      await this.#log.close();
    } catch (error) {
      // What is wrong is known; the log may be closed already.
      this.#cutAll();
      await this.#log.close().catch(() => {});
      throw error;
    }
  }

  async #do(action: Action): Promise<void> {
    switch (action.do) {
      case 'append':
        return this.#append(action);
      case 'purge':
        await this.#settle();
        await this.#log.purge(action.stream);
        this.#history.purge(action.stream);
        return this.#settle();
      case 'join':
        return this.#join(action);
      case 'wait':
        await this.#clock.advance(action.ms);
        return this.#settle();
      case 'settle':
        return this.#settle();
      case 'drain':
        return this.#sessions[action.slot]?.sink.drain(30_000);
      case 'flow':
        return this.#flow(action);
      default:
        return this.#restart(action.do);
    }
  }

  /** Is not waited for: others come while it is being stored. */
  #append({ streams, size, isGenerated }: Of<'append'>): void {
    const batch = streams.map((stream) => {
      const data = { serial: ++this.#serial, pad: 'x'.repeat(size) };
      return prepareEvent({ stream, data }, 262_144, isGenerated);
    });
    this.#underWay.push(batch);
    this.#log.append(batch).catch((error: SluiceError) => assert.equal(error.code, 'SLUICE_TOO_MANY_STREAMS'));
  }

  #flow({ slot, isFlowing }: Of<'flow'>): void {
    const sink = this.#sessions[slot]?.sink;
    if (sink !== undefined) {
      sink.isFlowing = isFlowing;
    }
  }

  async #join({ slot, selection: text, cursor: place, nth }: Of<'join'>): Promise<void> {
    this.#leave(slot);
    const given =
      place === 'none' ? undefined : place === 'seen' ? this.#seen[slot] : this.#given[nth % this.#given.length];
    await this.#open(slot, text, given);
  }

  async #open(slot: number, text: string, given: Given | undefined): Promise<void> {
    await this.#settle();
    const selection = parseSelection(text);
    const place = given === undefined ? undefined : parseCursor(given.cursor);
    const isInside = place !== undefined && given !== undefined && this.#isHere(given, place.pos);
    const from = isInside ? place.pos : this.#history.head;
    const missing = await this.#history.missing(selection, from);
    const cursor = given?.cursor;
    const start = {
      selection,
      format: 'envelope' as const,
      cursor,
      isFlowing: true,
      maxBufferedBytes: MAX_BUFFERED_BYTES,
      elapsed: () => this.#clock.elapsed(),
    };
    const session = new Session(this.#streams, this.#history, start, from, missing);
    if (isInside || cursor === undefined) {
      checkVerdict(session.verdict, { history: this.#history, epoch: place?.epoch ?? '', selection, cursor, missing });
    } else {
      assert.equal(session.verdict.resume, 'gap', `${cursor} is a place in another history`);
      assert.match(String(session.verdict.reason), /^(?:ahead|epoch)$/);
    }
    this.#sessions[slot] = session;
    this.#all.push(session);
  }

  /** Whether what was at a place when a cursor was given is still there in the history. */
  #isHere({ cursor, event }: Given, pos: number): boolean {
    return pos === 0 ? cursor === this.#log.cursorAt(0) : this.#history.at(pos) === event;
  }

  #leave(slot: number): void {
    const session = this.#sessions[slot];
    if (session?.cursor !== undefined) {
      const given = { cursor: session.cursor, event: this.#history.at(parseCursor(session.cursor)?.pos ?? 0) };
      this.#seen[slot] = given;
      this.#given.push(given);
    }
    session?.sink.destroy();
    this.#sessions[slot] = undefined;
  }

  #cutAll(): void {
    for (const slot of this.#sessions.keys()) {
      this.#leave(slot);
    }
  }

  async #restart(how: 'crash' | 'reopen' | 'backup' | 'restore'): Promise<void> {
    if (how !== 'crash') {
      await this.#settle();
    }
    if (how === 'backup') {
      this.#storage.backup();
      this.#saved = save(this.#history);
      return;
    }
    if (how === 'crash') {
      this.#storage.crash();
    }
    // A watcher may know of what was committed after the copy was made; the events under way are then still the same.
    const history = how === 'restore' && this.#storage.restore() ? this.#saved : save(this.#history);
    this.#cutAll();
    await turn();
    await this.#log.close();
    await this.#begin(this.#storage.isLasting ? history : NOTHING);
  }

  async #begin(saved: Saved): Promise<void> {
    this.#log = await this.#storage.open(retain(this.#setup.retention), this.#clock);
    this.#history = new History(this.#log);
    this.#history.events.push(...saved.events);
    this.#history.floor = saved.floor;
    for (const pos of saved.purged) {
      this.#history.purged.add(pos);
    }
    this.#all = [];
    await this.#adopt();
    this.#streams = this.#serve();
    await this.#compare();
  }

  /** What was under way when the process ended is there in whole batches, in order, or not at all. */
  async #adopt(): Promise<void> {
    const { events } = await this.#log.read(parseSelection('*'), this.#history.head, Number.POSITIVE_INFINITY);
    const found = events.map(({ json }) => json);
    for (const batch of this.#underWay) {
      if (found.length > 0 && batch.at(0)?.json === found[0]) {
        assert.deepEqual(
          found.splice(0, batch.length),
          batch.map(({ json }) => json),
          'a batch is stored whole',
        );
      }
    }
    assert.deepEqual(found, [], 'nothing is stored but what was appended');
    this.#underWay = [];
    this.#history.events.push(...events.map(tell));
    assert.equal(this.#log.head, this.#history.head, 'what was stored is still there');
  }

  /** What is retained is what was appended, within the limits, and it is counted. */
  async #compare(): Promise<void> {
    const retained = await readAll(this.#log, '*', 0, 10_000);
    assert.deepEqual(
      retained.map(tell),
      retained.map(({ pos }) => this.#history.at(pos)),
    );
    const streams = this.#log.streams.list('', '', Number.POSITIVE_INFINITY);
    const { events, bytes } = this.#log.usage();
    assert.equal(events, retained.length);
    assert.equal(events, sum(streams.map((stream) => stream.events)));
    assert.equal(bytes, sum(streams.map((stream) => stream.bytes)));
    this.#checkLimits(retained);
  }

  /** Neither generated events nor the latest ones of state streams count; these have as many bytes of their own. */
  #checkLimits(retained: readonly StoredEvent[]): void {
    const { events, eventsPerStream, bytes } = retain(this.#setup.retention);
    // Of their bytes only the data is known here, which is less than what the log counts.
    const dataOf = (some: readonly StoredEvent[]) => sum(some.map((event) => event.bytes));
    const published = retained.filter(({ generated }) => !generated);
    const isOutlived = ({ stream }: StoredEvent) => this.#log.streams.isOutlived(stream);
    assert.ok(dataOf(published.filter(isOutlived)) <= bytes, 'too many bytes of states');
    assert.ok(dataOf(published.filter((event) => !isOutlived(event))) <= bytes, 'too many bytes');
    const states = this.#log.latestStates(parseSelection('*'), Number.POSITIVE_INFINITY);
    const latest = new Set([...states].map(({ pos }) => pos));
    const counted = retained.filter(({ pos, generated }) => !generated && !latest.has(pos));
    assert.ok(counted.length <= events, `${counted.length} events of ${events}`);
    for (const name of new Set(counted.map(({ stream }) => stream))) {
      const own = counted.filter(({ stream }) => stream === name).length;
      assert.ok(own <= eventsPerStream, `${own} events of ${name} of ${eventsPerStream}`);
    }
  }

  /** The oracle is told of a commit just before the watchers are. */
  #serve(): StreamRegistry {
    const { events } = this.#history;
    const log = this.#log;
    const listen = log.listen.bind(log);
    log.listen = (listener) =>
      listen({
        committed(stored) {
          events.push(...stored.map(tell));
          return listener.committed(stored);
        },
        trimmed: (positions) => listener.trimmed(positions),
        purged: (stream, upTo) => listener.purged(stream, upTo),
      });
    return new StreamRegistry(
      log,
      { ...REGISTRY, windowBytes: this.#setup.windowBytes, maxBufferedBytes: MAX_BUFFERED_BYTES },
      this.#clock,
    );
  }

  async #settle(): Promise<void> {
    await this.#log.idle();
    await turn();
    this.#underWay = [];
    this.#history.noteForgotten();
  }

  async #check(): Promise<void> {
    for (const session of this.#all) {
      await session.check();
    }
  }

  async #isAnyOwed(): Promise<boolean> {
    const owed = await Promise.all(this.#sessions.map((session) => session?.isOpen && session.isOwed()));
    return owed.includes(true);
  }

  /** Whoever is still connected gets all it is owed. */
  async #arrive(): Promise<void> {
    for (let i = 0; i < 2 || (await this.#isAnyOwed()); i++) {
      assert.ok(i < 300, 'an open session never gets what it is owed');
      for (const session of this.#sessions) {
        session?.sink.drain();
      }
      await this.#settle();
      await this.#check();
    }
  }
}

function save({ events, purged, floor }: History): Saved {
  return { events: [...events], purged: new Set(purged), floor };
}

function tell({ pos, stream, type, json }: StoredEvent): Told {
  return { pos, stream, type, data: JSON.parse(json) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
