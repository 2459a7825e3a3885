import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { event } from '../contract/support.js';
import { openLog } from './support.js';

t.test('what arrives while a commit is under way goes together into the next', async (t) => {
  const { log } = await openLog(t, join(t.testdir(), 'data'));
  const first = log.append([event('a')]);
  await setImmediate();
  await Promise.all([first, log.append([event('a')]), log.append([event('b')])]);
  t.match(log.usage(), { commits: 2, events: 3 });
});

t.test('a batch of thousands is stored in one piece', async (t) => {
  const { log } = await openLog(t, join(t.testdir(), 'data'));
  const { events } = await log.append(Array.from({ length: 5000 }, () => event('a')));
  t.equal(events.length, 5000);
  t.match(log.usage(), { commits: 1, events: 5000 });
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
