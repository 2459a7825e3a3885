import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { event } from '../contract/support.js';
import { openLog } from './support.js';

t.test('the next commit is the one under way, or the one that takes what waits', async (t) => {
  const { log } = await openLog(t, join(t.testdir(), 'data'));
  t.equal(log.nextCommit(), undefined, 'nothing is coming');
  const first = log.append([event('a')]);
  await log.nextCommit();
  t.equal(log.head, 1);
  await first;
  const second = log.append([event('a')]);
  await setImmediate();
  const third = log.append([event('a')]);
  await log.nextCommit();
  t.equal(log.head, 2, 'it was under way, and has been told');
  await log.nextCommit();
  t.equal(log.head, 3);
  await Promise.all([second, third]);
  await log.idle();
  t.equal(log.nextCommit(), undefined);
});

t.test('a commit of retention alone is not waited for', async (t) => {
  const { log, clock } = await openLog(t, join(t.testdir(), 'data'), { limits: { eventsPerStream: 3 } });
  for (let i = 0; i < 10; i++) {
    await log.append([event('a')]);
  }
  await setImmediate();
  const advancing = clock.advance(1000);
  // The commit begins at the end of this turn.
  await setImmediate();
  t.equal(log.nextCommit(), undefined);
  const appending = log.append([event('a')]);
  await log.nextCommit();
  t.equal(log.head, 11, 'what came meanwhile is in the one after it');
  t.equal(log.usage().commits, 12);
  await Promise.all([appending, advancing]);
});

t.test('whoever waits for a commit that fails, or that stores nothing, is woken', async (t) => {
  const { log } = await openLog(t, join(t.testdir(), 'data'), { limits: { streams: 1 } });
  await log.append([event('a')]);
  const refused = log.append([event('b')]);
  const [reason] = await Promise.all([refused.catch(({ code }) => code), log.nextCommit()]);
  t.equal(reason, 'SLUICE_TOO_MANY_STREAMS');
  const purging = log.purge('unknown');
  await log.nextCommit();
  t.equal(await purging, 0);
});

t.test('a log that closes stores what it has accepted, takes no more, and sees no problem in it', async (t) => {
  const { log, problems, close } = await openLog(t, join(t.testdir(), 'data'));
  const accepted = log.append([event('a')]);
  const closing = close();
  const refused = { code: 'SLUICE_SHUTTING_DOWN', statusCode: 503 };
  await t.rejects(log.append([event('a')]), refused);
  await closing;
  t.same(
    (await accepted).events.map(({ pos }) => pos),
    [1],
  );
  await t.rejects(log.append([event('a')]), refused);
  await t.rejects(log.purge('a'), refused);
  t.same(problems, []);
});
