import t from 'tap';
import { formatCursor } from '../../src/events/cursor.js';
import { MemoryLog } from '../../src/log/memory/memory-log.js';
import type { Retention } from '../../src/log/retention.js';
import { type TestClock, turn } from '../support/clock.js';
import { createHub, type TestHub, type WatchOptions } from '../support/hub.js';

async function publish(hub: TestHub, ...streams: string[]): Promise<void> {
  for (const stream of streams) {
    await hub.bus.publish({ stream, data: stream });
  }
}

/** The whole verdict with what was replayed, as the client sees it. */
async function resume(hub: TestHub, selection: string, options: WatchOptions) {
  const watcher = hub.watch(selection, options);
  await turn();
  const [connected] = watcher.messages;
  t.equal(connected?.event, 'connected');
  const { message, timestamp, streams, cursor, heartbeatMs, ...verdict } = JSON.parse(connected?.data ?? '{}');
  t.equal(connected?.id, cursor);
  const positions = watcher.events.map(({ id }) => Number(id?.split('.')[1]));
  return { ...verdict, from: Number(cursor.split('.')[1]), replayed: positions };
}

t.test('no cursor, or an empty one: fresh, live from the head', async (t) => {
  const hub = createHub();
  await publish(hub, 'a', 'a');
  t.same(await resume(hub, 'a', {}), { resume: 'fresh', from: 2, replayed: [] });
  t.same(await resume(hub, 'a', { cursor: '' }), { resume: 'fresh', from: 2, replayed: [] });
});

t.test('a cursor with nothing trimmed after it: exact, every missed event', async (t) => {
  const hub = createHub();
  await publish(hub, 'a', 'b', 'x.1', 'a', 'x.2');
  const at = (pos: number) => ({ cursor: hub.log.cursorAt(pos) });
  t.same(await resume(hub, 'a', at(0)), { resume: 'exact', from: 0, replayed: [1, 4] });
  t.same(await resume(hub, 'a,b', at(1)), { resume: 'exact', from: 1, replayed: [2, 4] });
  t.same(await resume(hub, 'x.*', at(3)), { resume: 'exact', from: 3, replayed: [5] });
  t.same(await resume(hub, '*', at(5)), { resume: 'exact', from: 5, replayed: [] });
});

t.test('a wanted stream was trimmed after it: gap, and what is retained', async (t) => {
  const hub = createHub();
  await publish(hub, 'a', 'b', 'a', 'b');
  await hub.bus.purge('a');
  await publish(hub, 'a');
  const at = (pos: number) => ({ cursor: hub.log.cursorAt(pos) });
  const gap = { resume: 'gap', reason: 'trimmed', gaps: ['a'], gapCount: 1 };
  t.same(await resume(hub, 'a', at(0)), { ...gap, from: 0, replayed: [5] });
  t.same(await resume(hub, '*', at(2)), { ...gap, from: 2, replayed: [4, 5] });
  t.same(await resume(hub, '*', at(3)), { resume: 'exact', from: 3, replayed: [4, 5] });
  t.same(await resume(hub, 'b', at(0)), { resume: 'exact', from: 0, replayed: [2, 4] });
});

t.test('of many streams with a gap a hundred are named, and all are counted', async (t) => {
  const hub = createHub();
  const names = Array.from({ length: 130 }, (_, i) => `x.${i}`);
  await publish(hub, ...names);
  await Promise.all(names.map((name) => hub.bus.purge(name)));
  const { gaps, gapCount } = await resume(hub, 'x.*', { cursor: hub.log.cursorAt(0) });
  t.equal(gaps.length, 100);
  t.equal(gapCount, 130);
});

/** A log that has found a range of its history lost. */
class LossyLog extends MemoryLog {
  override lostAfter(pos = 0): boolean {
    return pos < 2;
  }
}

t.test('a lost range after it: gap, and what is retained', async (t) => {
  const hub = createHub({ log: (retention: Retention, clock: TestClock) => new LossyLog(retention, clock) });
  await publish(hub, 'a', 'b', 'a');
  const gap = { resume: 'gap', reason: 'lost' };
  t.same(await resume(hub, 'a', { cursor: hub.log.cursorAt(1) }), { ...gap, from: 1, replayed: [3] });
  t.same(await resume(hub, 'a', { cursor: hub.log.cursorAt(2) }), { resume: 'exact', from: 2, replayed: [3] });
});

t.test('an unknown epoch, beyond the end, not a cursor: gap, live from the head', async (t) => {
  const hub = createHub();
  await publish(hub, 'a', 'a');
  const { epoch } = hub.log;
  const gap = (reason: string) => ({ resume: 'gap', reason, from: 2, replayed: [] });
  t.same(await resume(hub, 'a', { cursor: formatCursor('AAAAAAAAAAA', 1) }), gap('epoch'));
  t.same(await resume(hub, 'a', { cursor: `${epoch}.3` }), gap('ahead'));
  for (const cursor of [
    '7',
    'nonsense',
    `${epoch}.`,
    `${epoch}.-1`,
    `${epoch}.01`,
    `${epoch}.1 `,
    'x'.repeat(10_000),
  ]) {
    t.same(await resume(hub, 'a', { cursor }), gap('malformed'), cursor.slice(0, 30));
  }
});

t.test('a forgotten stream after it: gap, though nobody knows its name any more', async (t) => {
  const hub = createHub({ retention: { streams: 1 } });
  await publish(hub, 'a');
  await hub.bus.purge('a');
  await publish(hub, 'b');
  const gap = { resume: 'gap', reason: 'trimmed', gaps: [], gapCount: 0 };
  t.same(await resume(hub, '*', { cursor: hub.log.cursorAt(0) }), { ...gap, from: 0, replayed: [2] });
  t.same(await resume(hub, 'a', { cursor: hub.log.cursorAt(0) }), { ...gap, from: 0, replayed: [] });
  t.same(await resume(hub, '*', { cursor: hub.log.cursorAt(1) }), { resume: 'exact', from: 1, replayed: [2] });
});

t.test('beside a forgotten stream no other is named, as those named would pass for all', async (t) => {
  const hub = createHub({ retention: { streams: 2, eventsPerStream: 1 } });
  await publish(hub, 'x.a', 'x.b', 'x.b');
  await hub.bus.purge('x.a');
  await publish(hub, 'x.c');
  const gap = { resume: 'gap', reason: 'trimmed', gaps: [], gapCount: 0, from: 0 };
  for (const selection of ['x.a,x.b', 'x.*', '*']) {
    t.match(await resume(hub, selection, { cursor: hub.log.cursorAt(0) }), gap, selection);
  }
  t.match(await resume(hub, 'x.b', { cursor: hub.log.cursorAt(0) }), { gaps: ['x.b'], gapCount: 1 });
});

t.test('the newest so many: fresh, a replay with ids', async (t) => {
  const hub = createHub();
  await publish(hub, 'a', 'b', 'a', 'b', 'stock');
  t.same(await resume(hub, 'a,b', { last: 3 }), { resume: 'fresh', from: 1, replayed: [2, 3, 4] });
  t.same(await resume(hub, 'a', { last: 100 }), { resume: 'fresh', from: 0, replayed: [1, 3] });
  t.same(await resume(hub, '*', { last: 1 }), { resume: 'fresh', from: 4, replayed: [5] });
  t.same(await resume(hub, 'none', { last: 5 }), { resume: 'fresh', from: 5, replayed: [] });
  const cursor = hub.log.cursorAt(3);
  t.same(
    await resume(hub, '*', { last: 1, cursor }),
    { resume: 'exact', from: 3, replayed: [4, 5] },
    'a cursor goes first',
  );
  t.same(await resume(hub, 'a', { last: 1, cursor: '' }), { resume: 'fresh', from: 2, replayed: [3] });
});

t.test('what retention has removed does not come back, neither among the newest so many nor after a gap', async (t) => {
  const hub = createHub({ retention: { eventsPerStream: 2, ageMs: 60_000 } });
  await publish(hub, 'x.a', 'x.b', 'x.a', 'x.a', 'x.a');
  t.same(await resume(hub, 'x.a', { last: 100 }), { resume: 'fresh', from: 3, replayed: [4, 5] });
  t.same(await resume(hub, 'x.*', { last: 100 }), { resume: 'fresh', from: 1, replayed: [2, 4, 5] });
  const gap = { resume: 'gap', reason: 'trimmed', gaps: ['x.a'], gapCount: 1 };
  t.same(await resume(hub, 'x.*', { cursor: hub.log.cursorAt(0) }), { ...gap, from: 0, replayed: [2, 4, 5] });
  await hub.clock.advance(62_000);
  t.same(await resume(hub, '*', { last: 100 }), { resume: 'fresh', from: 5, replayed: [] });
  t.equal(hub.streams.window.size, 0, 'nor does it take memory');
});

t.test('verdicts are counted', async (t) => {
  const hub = createHub();
  for (const cursor of [undefined, hub.log.cursorAt(0), 'nonsense', 'nonsense']) {
    hub.watch('a', { cursor });
  }
  t.same(hub.streams.resumed, { fresh: 1, exact: 1, gap: 2 });
});
