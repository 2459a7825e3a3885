import { join } from 'node:path';
import t from 'tap';
import { parseSelection } from '../../../src/events/selection.js';
import { judge } from '../../../src/streams/resume/resume.js';
import { createTestClock, START } from '../../support/clock.js';
import { event, positions, publish, readAll } from '../contract/support.js';
import { openLog } from './support.js';

const YEAR_MS = 365 * 24 * 3_600_000;

t.test('a clock that jumps changes neither order nor ids, now or after a restart', async (t) => {
  const directory = join(t.testdir(), 'data');
  let now = START;
  const clock = { ...createTestClock(), now: () => now };
  const { log, close } = await openLog(t, directory, { clock });
  const jumps = [0, YEAR_MS, -YEAR_MS, -1000, 0, 5];
  const cursors: string[] = [];
  for (const jump of jumps) {
    now = START + jump;
    await publish(log, 'a');
    cursors.push(log.cursorAt(log.head));
  }
  const check = async (opened: typeof log) => {
    const events = await readAll(opened, 'a');
    t.same(
      events.map(({ pos, time }) => [pos, time]),
      jumps.map((jump, i) => [i + 1, START + jump]),
    );
    t.same(
      events.map(({ pos }) => opened.cursorAt(pos)),
      cursors,
    );
    t.same(
      cursors.map((cursor) => judge(opened, parseSelection('a'), cursor).verdict.resume),
      cursors.map(() => 'exact'),
    );
  };
  await check(log);
  await close();
  now = START - 2 * YEAR_MS;
  const again = await openLog(t, directory, { clock });
  await check(again.log);
  await publish(again.log, 'a');
  t.same(await positions(again.log, 'a'), [1, 2, 3, 4, 5, 6, 7]);
});

t.test('an idempotency key outlives a clock that is set back, not its window', async (t) => {
  const directory = join(t.testdir(), 'data');
  let now = START;
  const clock = { ...createTestClock(), now: () => now };
  const { log } = await openLog(t, directory, { clock, limits: { receiptsMs: 60_000 } });
  await log.append([event('a')], { key: 'one', fingerprint: 'x' });
  now = START - YEAR_MS;
  t.match(log.receipt('one'), { first: 1 });
  now = START + 60_000;
  t.equal(log.receipt('one'), undefined);
  await log.append([event('a')], { key: 'one', fingerprint: 'y' });
  t.match(log.receipt('one'), { first: 2, fingerprint: 'y' });
});
