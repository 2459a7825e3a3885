import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { parseSelection } from '../../../src/events/selection.js';
import { judge } from '../../../src/streams/resume/resume.js';
import { event, generate, positions, publish } from '../contract/support.js';
import { openLog } from './support.js';

t.test('a stream that is written in the commit that would forget it stays', async (t) => {
  const directory = join(t.testdir(), 'data');
  const limits = { streams: 1 };
  const { log, close } = await openLog(t, directory, { limits });
  await publish(log, 'a');
  await log.purge('a');
  await log.idle();
  const publishing = log.append([event('b')]);
  // It is being committed now, and with it a is too many; what comes meanwhile goes into the commit that would forget a.
  await setImmediate();
  await Promise.all([publishing, generate(log, 'a', 1)]);
  await log.idle();
  t.same(await positions(log), [2, 3]);
  t.equal(log.usage().events, 2);
  await close();
  const { log: again } = await openLog(t, directory, { limits });
  t.same(await positions(again), [2, 3]);
  t.equal(again.usage().events, 2);
});

t.test('a state that gave way is a gap, also after a restart', async (t) => {
  const directory = join(t.testdir(), 'data');
  const limits = { streams: 1, ageMs: 60_000 };
  const { log, clock, close } = await openLog(t, directory, { limits });
  await publish(log, 'tasks.a');
  const cursor = log.cursorAt(0);
  await clock.advance(62_000);
  await log.idle();
  await publish(log, 'tasks.b');
  t.same(await positions(log), [2]);
  await close();
  const { log: again } = await openLog(t, directory, { limits, clock });
  for (const selection of ['tasks.a', 'tasks.*']) {
    t.match(judge(again, parseSelection(selection), cursor).verdict, { resume: 'gap', reason: 'trimmed' }, selection);
  }
});

t.test('who catches up while a state gives way is told', async (t) => {
  const { log, clock } = await openLog(t, join(t.testdir(), 'data'), { limits: { streams: 1, ageMs: 60_000 } });
  await publish(log, 'tasks.a');
  await clock.advance(62_000);
  await log.idle();
  const { trims } = log.usage();
  await publish(log, 'tasks.b');
  t.same(await positions(log), [2]);
  for (const selection of ['tasks.a', '*']) {
    t.equal(log.streams.trimmedSince(parseSelection(selection), 0, trims), true, selection);
  }
});

t.test("generated events older than those over a stream's limit do not count towards it", async (t) => {
  const { log } = await openLog(t, join(t.testdir(), 'data'), { limits: { eventsPerStream: 3 } });
  await generate(log, 'a', 50);
  await publish(log, 'a', 'a', 'a', 'a', 'a');
  t.equal(log.usage().events, 53);
  t.same((await positions(log)).slice(-4), [50, 53, 54, 55]);
});

t.test("a state that is both replaced and over its stream's limit goes once", async (t) => {
  const { log } = await openLog(t, join(t.testdir(), 'data'), { limits: { events: 3, eventsPerStream: 1 } });
  for (let turn = 0; turn < 6; turn++) {
    await publish(log, 'tasks.a', 'x', 'y', 'z', 'u');
  }
  t.same(await positions(log), [26, 28, 29, 30]);
});
