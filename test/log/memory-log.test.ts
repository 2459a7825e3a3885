import t from 'tap';
import { MemoryLog } from '../../src/log/memory/memory-log.js';
import { createTestClock } from '../support/clock.js';
import { retain } from '../support/hub.js';
import { event } from './contract/support.js';
import { contract } from './contract.js';

contract('memory log', async (retention, clock) => new MemoryLog(retention, clock));

t.test('each memory log is an epoch of its own', async (t) => {
  const clock = createTestClock();
  const [one, other] = [new MemoryLog(retain(), clock), new MemoryLog(retain(), clock)];
  t.not(one.epoch, other.epoch);
  t.equal(other.locate({ epoch: one.epoch, pos: 0 }), 'epoch');
});

t.test('retention holds while nobody listens', async (t) => {
  const clock = createTestClock();
  const log = new MemoryLog(retain({ eventsPerStream: 1, ageMs: 60_000 }), clock);
  await log.append([event('a')]);
  await log.append([event('a')]);
  t.equal(log.usage().events, 1);
  await clock.advance(61_000);
  t.equal(log.usage().events, 0);
});

t.test('a closed log takes no more, and leaves no timer', async (t) => {
  const clock = createTestClock();
  const log = new MemoryLog(retain(), clock);
  t.equal(clock.timers(), 1);
  await log.append([event('a')]);
  await log.close();
  t.equal(clock.timers(), 0);
  const refused = { code: 'SLUICE_SHUTTING_DOWN', statusCode: 503 };
  await t.rejects(log.append([event('a')]), refused);
  await t.rejects(log.purge('a'), refused);
  t.equal(log.head, 1);
});
