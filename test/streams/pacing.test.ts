import t from 'tap';
import type { Selection } from '../../src/events/selection.js';
import type { Page } from '../../src/log/event-log.js';
import { MemoryLog } from '../../src/log/memory/memory-log.js';
import { turn } from '../support/clock.js';
import { createHub, type HubLimits, type TestHub, type Watcher } from '../support/hub.js';

const READ_MS = 2;
/** A slice of 5 ms is over when the third read of 2 ms has ended. */
const READS_PER_TURN = 3;
/** The history is three pages. */
const EVENTS = 18;

/** A log of which a page takes as long as from a disk, and that notes from where each was read. */
class SlowLog extends MemoryLog {
  readonly reads: number[] = [];

  override async read(selection: Selection, pos: number, maxBytes: number): Promise<Page> {
    this.reads.push(pos);
    const end = performance.now() + READ_MS;
    while (performance.now() < end) {}
    return super.read(selection, pos, maxBytes);
  }
}

interface SlowHub extends TestHub {
  /** The positions that pages were read from. */
  readonly reads: number[];
  behind(count: number): Watcher[];
}

async function createSlowHub(limits: HubLimits = {}): Promise<SlowHub> {
  let reads: number[] = [];
  const hub = createHub({
    ...limits,
    registry: { windowBytes: 1 },
    log: (retention, clock) => {
      const log = new SlowLog(retention, clock);
      reads = log.reads;
      return log;
    },
  });
  for (let i = 0; i < EVENTS; i++) {
    await hub.bus.publish({ stream: 'a', data: 'x'.repeat(10_000) });
  }
  const cursor = hub.log.cursorAt(0);
  const behind = (count: number) => Array.from({ length: count }, () => hub.watch('a', { cursor }));
  return { ...hub, reads, behind };
}

const isServed = ({ events }: Watcher) => events.length >= EVENTS;

t.test('many that come back at once are read for in short turns, all of them connected meanwhile', async (t) => {
  const hub = await createSlowHub();
  const watchers = hub.behind(40);
  t.ok(watchers.every(({ messages }) => messages[0]?.event === 'connected'));
  let most = 0;
  while (hub.streams.watchers('a') < 40) {
    const before = hub.reads.length;
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, hub.reads.length - before);
  }
  t.ok(most > 0 && most <= READS_PER_TURN, `${most} pages in one turn of the event loop`);
  t.ok(watchers.every(isServed));
});

t.test('live watchers do not wait for them', async (t) => {
  const hub = await createSlowHub();
  const live = hub.watch('a');
  const watchers = hub.behind(40);
  await hub.bus.publish({ stream: 'a', data: 'news' });
  await turn();
  t.same(
    live.events.map(({ data }) => data),
    ['news'],
  );
  t.notOk(watchers.some(isServed));
});

t.test('those who have begun are served before others begin, so that some get live soon', async (t) => {
  const hub = await createSlowHub();
  const watchers = hub.behind(40);
  let most = 0;
  while (hub.streams.watchers('a') < 40) {
    const underWay = watchers.filter((watcher) => watcher.events.length > 0 && !isServed(watcher));
    most = Math.max(most, underWay.length);
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.ok(most > 1 && most <= 3 * READS_PER_TURN, `${most} at once`);
});

t.test('who has had its first page from the window has begun, too', async (t) => {
  const hub = createHub({ registry: { windowBytes: 300_000 } });
  const cursors: string[] = [];
  for (let i = 0; i < 500; i++) {
    const { id } = await hub.bus.publish({ stream: 'a', data: 'x'.repeat(1000) });
    cursors.push(id);
  }
  const far = Array.from({ length: 50 }, () => hub.watch('a', { cursor: cursors[0] }));
  const near = hub.watch('a', { cursor: cursors[400] });
  while (near.events.length < 99) {
    await turn();
  }
  const served = far.filter(({ events }) => events.length === 499).length;
  t.ok(served < 10, `${served} of those far behind were served before it`);
});

t.test('one that reads slowly holds up nobody', async (t) => {
  const hub = await createSlowHub();
  const slow = Array.from({ length: 20 }, () => hub.watch('a', { cursor: hub.log.cursorAt(0), stalled: true }));
  const watchers = hub.behind(5);
  while (!watchers.every(isServed)) {
    await turn();
  }
  t.ok(slow.every(({ sink }) => sink.unsent > 0));
});

t.test('who leaves while it waits is not read for', async (t) => {
  const hub = await createSlowHub();
  const watchers = hub.behind(20);
  const [first] = watchers.splice(0, 1);
  for (const { sink } of watchers) {
    sink.destroy();
  }
  while (first && !isServed(first)) {
    await turn();
  }
  const firstPages = hub.reads.filter((pos) => pos === 0).length;
  t.ok(firstPages <= READS_PER_TURN, `${firstPages} first pages, of those read for before it was known`);
});

t.test('while the server is overloaded they leave it time, and go on', async (t) => {
  let isOverloaded = true;
  const hub = await createSlowHub({ isOverloaded: () => isOverloaded });
  const watchers = hub.behind(10);
  for (let i = 0; i < 10; i++) {
    await turn();
  }
  const { length } = hub.reads;
  t.ok(length <= READS_PER_TURN);
  await hub.clock.advance(50);
  t.ok(hub.reads.length > length && hub.reads.length <= length + READS_PER_TURN, 'a slice now and then');
  isOverloaded = false;
  await hub.clock.advance(50);
  while (hub.streams.watchers('a') < 10) {
    await turn();
  }
  t.ok(watchers.every(isServed));
});

t.test('one that cannot be served holds up nobody', async (t) => {
  const hub = await createSlowHub();
  const log = hub.log as SlowLog;
  const read = log.read.bind(log);
  log.read = async (selection, ...rest) => {
    if (selection.key === 'b') {
      throw new Error('the disk says no');
    }
    return read(selection, ...rest);
  };
  hub.streams.on('failed', () => {});
  await hub.bus.publish({ stream: 'b', data: 1 });
  await hub.bus.publish({ stream: 'a', data: 2 });
  const failing = Array.from({ length: 5 }, () => hub.watch('b', { cursor: hub.log.cursorAt(0) }));
  const others = hub.behind(5);
  while (!others.every(isServed)) {
    await turn();
  }
  t.ok(failing.every(({ summary }) => summary?.reason === 'error'));
});
