import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { parseSelection } from '../../../src/events/selection.js';
import { DiskStore, positionOf } from '../../../src/log/disk/store/store.js';
import type { EventLog } from '../../../src/log/event-log.js';
import { judge } from '../../../src/streams/resume/resume.js';
import { event, generate, positions, publish } from '../contract/support.js';
import { openLog } from './support.js';

const everything = parseSelection('*');

t.test('batches that arrive together do not take more streams than allowed', async (t) => {
  const { log } = await openLog(t, join(t.testdir(), 'data'), { limits: { streams: 1 } });
  const results = await Promise.allSettled(['a', 'b', 'b', 'a'].map((stream) => log.append([event(stream)])));
  t.same(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
  );
  t.equal(log.usage().streams, 1);
});

t.test('what a publish makes due is removed together with more of it, or within a second', async (t) => {
  const { log, clock } = await openLog(t, join(t.testdir(), 'data'), { limits: { eventsPerStream: 3 } });
  for (let i = 1; i <= 10; i++) {
    await log.append([event('a')]);
  }
  t.match(log.usage(), { commits: 10, events: 10 }, 'no commit for trims alone');
  // A timer never comes between the end of a commit and that of its run, as it would here.
  await setImmediate();
  await clock.advance(1000);
  await until(() => log.usage().events === 3);
  t.equal(log.usage().commits, 11);
  for (let i = 1; i <= 600; i++) {
    await log.append([event('a')]);
  }
  t.ok(log.usage().events <= 3 + 257, 'without waiting when there is enough of it');
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await setImmediate();
  }
}

t.test('publishes that never pause do not put it off', async (t) => {
  const { log, clock } = await openLog(t, join(t.testdir(), 'data'), { limits: { eventsPerStream: 3 } });
  let appending = log.append([event('a')]);
  for (let i = 2; i <= 10; i++) {
    await setImmediate();
    const next = log.append([event('a')]);
    await appending;
    appending = next;
  }
  await clock.advance(1000);
  const last = log.append([event('a')]);
  await appending;
  await last;
  t.ok(log.usage().events <= 5, 'a second that passes during a commit counts for the next one');
});

t.test('large events push out small ones as fast as they come', async (t) => {
  const limit = 2_000_000;
  const { log } = await openLog(t, join(t.testdir(), 'data'), { limits: { bytes: limit } });
  for (let i = 0; i < 20; i++) {
    await log.append(Array.from({ length: 1000 }, () => event('small')));
  }
  let most = 0;
  for (let i = 0; i < 20; i++) {
    await log.append([event('large', 'x'.repeat(250_000))]);
    most = Math.max(most, log.usage().bytes);
  }
  t.ok(most < 2 * limit, `${most} bytes`);
});

t.test('a log that is closed while retention is at work is whole', async (t) => {
  const directory = join(t.testdir(), 'data');
  const limits = { events: 300, eventsPerStream: 100, receiptsMs: 1000 };
  const streams = ['a', 'b', 'c', 'tasks.a', 'tasks.b'];
  const count = 10;
  for (let turns = 0; turns < count; turns++) {
    const { log, clock, close } = await openLog(t, directory, { limits });
    const appends = Array.from({ length: 20 }, (_, i) => {
      const batch = Array.from({ length: 50 }, (_, j) => event(streams[(i + j) % streams.length] ?? ''));
      return log.append(batch, { key: `${turns}/${i}`, fingerprint: 'f' });
    });
    const purges = [log.purge('b'), log.purge('tasks.b')];
    const advancing = clock.advance(2000);
    for (let i = 0; i < turns; i++) {
      await setImmediate();
    }
    await close();
    await Promise.all([...appends, ...purges, advancing]);
    t.equal(log.head, (turns + 1) * 1000, 'what was accepted is stored');
  }
  const { log } = await openLog(t, directory, { limits });
  t.equal((await positions(log)).length, log.usage().events);
  t.ok(log.usage().events <= 302, `${log.usage().events} events`);
});

t.test('a key that is used again after its time does not keep other receipts', async (t) => {
  const directory = join(t.testdir(), 'data');
  const { log, clock, close } = await openLog(t, directory, { limits: { receiptsMs: 500 } });
  await log.append([event('a')], { key: 'k', fingerprint: 'f' });
  await log.append([event('a')], { key: 'other', fingerprint: 'f' });
  await clock.advance(600);
  await log.append([event('a')], { key: 'k', fingerprint: 'f' });
  await clock.advance(400);
  await log.idle();
  t.match(log.receipt('k'), { first: 3 });
  await close();
  const store = new DiskStore(directory);
  t.teardown(() => store.close());
  t.same([...store.receipts.keys()].map(String), ['k']);
  t.same([...store.expiry.keys()].map(positionOf), [3]);
});

t.test('a key that is used again in the commit that expires it keeps its new receipt', async (t) => {
  const { log, clock } = await openLog(t, join(t.testdir(), 'data'), { limits: { receiptsMs: 500 } });
  await log.append([event('a')], { key: 'k', fingerprint: 'f' });
  await log.idle();
  // The publish comes before the turn in which the timer's commit would have expired the first.
  const advancing = clock.advance(1000);
  await log.append([event('a')], { key: 'k', fingerprint: 'f' });
  t.match(log.receipt('k'), { first: 2 });
  await advancing;
});

t.test('streams that are too many are forgotten without waiting for more publishes', async (t) => {
  const { log } = await openLog(t, join(t.testdir(), 'data'), { limits: { streams: 4, eventsPerStream: 1 } });
  for (const stream of ['a', 'b', 'c', 'd']) {
    await log.append([event(stream)]);
  }
  await Promise.all(['a', 'b', 'c', 'd'].map((stream) => log.purge(stream)));
  await log.append(['e', 'f', 'g', 'h'].map((stream) => event(stream)));
  await until(() => log.usage().streams === 4);
  t.same(await positions(log), [5, 6, 7, 8]);
});

t.test('streams that are too many are forgotten as fast as they come', async (t) => {
  const { log } = await openLog(t, join(t.testdir(), 'data'), { limits: { streams: 500, events: 100 } });
  for (let i = 0; i < 60; i++) {
    await log.append(Array.from({ length: 50 }, (_, j) => event(`s${i}.${j}`)));
  }
  t.ok(log.usage().streams < 1000, `${log.usage().streams} streams`);
  await log.idle();
  t.equal(log.usage().streams, 500);
});

t.test('a stream with a long history that is purged and then forgotten leaves nothing behind', async (t) => {
  const directory = join(t.testdir(), 'data');
  const { log, close } = await openLog(t, directory, { limits: { streams: 1 } });
  for (let i = 0; i < 6; i++) {
    await log.append(Array.from({ length: 1000 }, () => event('a')));
  }
  await Promise.all([log.purge('a'), log.purge('a')]);
  await publish(log, 'b');
  t.same(await positions(log), [6001]);
  t.equal(log.usage().streams, 1);
  await close();
  const again = await openLog(t, directory, { limits: { streams: 1 } });
  t.same(await positions(again.log), [6001]);
  t.equal(again.log.usage().streams, 1);
});

t.test('what was forgotten is still remembered as a floor after a restart', async (t) => {
  const directory = join(t.testdir(), 'data');
  const { log, close } = await openLog(t, directory, { limits: { streams: 2 } });
  await publish(log, 'a', 'a', 'b');
  const cursor = log.cursorAt(1);
  await log.purge('a');
  await publish(log, 'c');
  t.equal(log.streams.isPublished('a'), false, 'a is forgotten');
  await close();
  const again = await openLog(t, directory, { limits: { streams: 2 } });
  for (const selection of ['a', 'unknown', 'a.*', '*']) {
    t.match(
      judge(again.log, parseSelection(selection), cursor).verdict,
      { resume: 'gap', reason: 'trimmed' },
      selection,
    );
  }
  t.match(judge(again.log, parseSelection('b'), cursor).verdict, { resume: 'exact' });
  t.match(judge(again.log, everything, again.log.cursorAt(2)).verdict, { resume: 'exact' }, 'nothing went after that');
});

t.test('an interrupted purge goes on at the next start', async (t) => {
  const directory = join(t.testdir(), 'data');
  const { log, close } = await openLog(t, directory);
  await log.append(Array.from({ length: 1000 }, () => event('a')));
  await log.append(Array.from({ length: 1000 }, (_, i) => event(i % 2 === 0 ? 'a' : 'b')));
  t.equal(await log.purge('a'), 1500);
  await close();
  const again = await openLog(t, directory);
  t.equal(again.log.usage().events, 500, 'what is still to be removed is not seen');
  t.equal((await again.log.read(everything, 0, 1_000_000)).events.length, 500, 'not by a pattern either');
  t.equal(again.log.tail(1_000_000).length, 500, 'nor at the end');
  t.same(await positions(again.log, 'a'), []);
  t.equal((await positions(again.log)).length, 500);
  await again.close();
  const last = await openLog(t, directory);
  t.equal((await positions(last.log)).length, 500);
});

t.test('a state stream purged in the same moment as it is written does not upset the counts', async (t) => {
  const { log } = await openLog(t, join(t.testdir(), 'data'), { limits: { events: 3 } });
  await publish(log, 'tasks.a', 'x', 'x', 'x', 'x');
  t.same(await positions(log), [1, 3, 4, 5], 'its latest event is kept beside the others');
  await Promise.all([log.append([event('tasks.a')]), log.purge('tasks.a')]);
  await publish(log, 'x', 'x', 'x', 'x');
  t.equal((await positions(log)).length, 3);
  t.equal(log.usage().events, 3);
});

t.test('kept states and generated events are the same after a restart', async (t) => {
  const directory = join(t.testdir(), 'data');
  const limits = { events: 2 };
  const { log, close } = await openLog(t, directory, { limits });
  await publish(log, 'tasks.a', 'tasks.b', 'x', 'x', 'x');
  await generate(log, 'stock', 150);
  const before = await positions(log);
  await close();
  const { log: again } = await openLog(t, directory, { limits });
  t.same(await positions(again), before);
  t.same(
    [...again.latestStates(everything, 10)].map(({ stream }) => stream),
    ['stock', 'tasks.b', 'tasks.a'],
  );
  await publish(again, 'tasks.a', 'x', 'x');
  t.same(await positions(again, 'tasks.*,x'), [2, 156, 157, 158], 'and what is superseded goes');
});

t.test('after a restart, too, states that have outlived the limits make room', async (t) => {
  const directory = join(t.testdir(), 'data');
  const limits = { streams: 2, ageMs: 60_000 };
  const before = await openLog(t, directory, { limits });
  const { clock } = before;
  await publish(before.log, 'tasks.a', 'tasks.b');
  await before.log.close();
  await clock.advance(62_000);
  const { log } = await openLog(t, directory, { limits, clock });
  // By itself, before the first second is over.
  await until(() => log.streams.isOutlived('tasks.a'));
  await publish(log, 'tasks.c');
  t.same(await positions(log), [2, 3]);
  await log.close();
  const again = await openLog(t, directory, { limits });
  t.same(await positions(again.log), [2, 3], 'what was forgotten is gone');
  t.equal(again.log.streams.isPublished('tasks.a'), false);
});

t.test('a stream that gave way and came back is whole after a restart', async (t) => {
  const directory = join(t.testdir(), 'data');
  const limits = { streams: 1, ageMs: 60_000 };
  const { log, clock, close } = await openLog(t, directory, { limits });
  for (const stream of ['tasks.a', 'tasks.b', 'tasks.a']) {
    await publish(log, stream);
    await clock.advance(62_000);
    await log.idle();
  }
  await publish(log, 'tasks.a');
  await log.idle();
  const before = log.usage();
  await close();
  const again = await openLog(t, directory, { limits, clock });
  t.same(await positions(again.log), [4]);
  const { events, bytes, streams } = before;
  t.match(again.log.usage(), { events, bytes, streams });
});

t.test('states over their limit of bytes go while publishes go on, and none comes back with a restart', async (t) => {
  const directory = join(t.testdir(), 'data');
  const limits = { bytes: 2_000_000 };
  const { log, clock, close } = await openLog(t, directory, { limits });
  const { all, most } = await publishLarge(log, 0);
  t.ok(most < 3 * limits.bytes, `${most} bytes`);
  const before = await positions(log);
  t.same(before, all.slice(-before.length), 'the newest are left');
  t.equal(before.length, 14, 'seven within each limit');
  const { events, bytes } = log.usage();
  await close();
  const again = await openLog(t, directory, { limits, clock });
  await again.log.idle();
  t.same(await positions(again.log), before);
  t.match(again.log.usage(), { events, bytes, commits: 0 });
  t.equal(again.log.streams.isOutlived(`tasks.${before[0]}`), true, 'what has outlived the limits is known');
  t.match(judge(again.log, everything, again.log.cursorAt(1)).verdict, { resume: 'gap', reason: 'trimmed' });
  t.match(judge(again.log, everything, again.log.cursorAt(again.log.head - 14)).verdict, { resume: 'exact' });
  await publishLarge(again.log, log.head);
  t.equal((await positions(again.log)).length, 14);
  await again.close();
  const lower = await openLog(t, directory, { limits: { bytes: 600_000 }, clock });
  t.equal((await positions(lower.log)).length, 4, 'a lower limit holds from the start');
});

/** Forty states of a quarter of a megabyte, each of a stream named by its position; and the most that the log held. */
async function publishLarge(log: EventLog, head: number): Promise<{ all: number[]; most: number }> {
  let most = 0;
  const all = Array.from({ length: 40 }, (_, i) => head + i + 1);
  for (const pos of all) {
    await log.append([event(`tasks.${pos}`, 'x'.repeat(260_000))]);
    most = Math.max(most, log.usage().bytes);
  }
  await log.idle();
  return { all, most };
}

t.test('after a restart, too, older events of a generator are no state', async (t) => {
  const directory = join(t.testdir(), 'data');
  const { log, close } = await openLog(t, directory, { limits: { bytes: 1 } });
  await generate(log, 'tasks.a', 2);
  await publish(log, 'tasks.a');
  t.same(await positions(log), [1, 2]);
  await close();
  const again = await openLog(t, directory, { limits: { bytes: 1 } });
  for (const selection of ['tasks.a', 'tasks.*']) {
    t.same([...again.log.latestStates(parseSelection(selection), 10)], []);
  }
  t.same(await positions(again.log, 'tasks.a'), [1, 2]);
});
