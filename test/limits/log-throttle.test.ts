import t from 'tap';
import { LogThrottle } from '../../src/limits/log-throttle.js';
import { createTestClock } from '../support/clock.js';

function throttled() {
  const clock = createTestClock();
  const lines: object[] = [];
  const log = {
    warn: (fields: object) => lines.push(fields),
    error: (fields: object) => lines.push({ ...fields, isError: true }),
  };
  return { clock, lines, throttle: new LogThrottle(log, clock) };
}

t.test('of each cause there is one line a minute, which counts those left out since the one before', async (t) => {
  const { clock, lines, throttle } = throttled();
  const warn = (cause: string) => throttle.warn(cause, { cause }, 'it happens');
  for (const cause of ['a', 'a', 'b', 'a']) {
    warn(cause);
  }
  t.strictSame(lines, [
    { cause: 'a', since: 0 },
    { cause: 'b', since: 0 },
  ]);
  await clock.advance(59_999);
  warn('a');
  t.equal(lines.length, 2);
  await clock.advance(1);
  warn('a');
  t.strictSame(lines[2], { cause: 'a', since: 3 });
  warn('a');
  t.equal(lines.length, 3, 'and a minute begins anew');
});

t.test('errors are counted like warnings', async (t) => {
  const { clock, lines, throttle } = throttled();
  throttle.error('a', {}, 'it fails');
  throttle.error('a', {}, 'it fails');
  await clock.advance(60_000);
  throttle.error('a', {}, 'it fails');
  t.strictSame(lines, [
    { since: 0, isError: true },
    { since: 1, isError: true },
  ]);
});

t.test('a clock that is set back silences nothing for longer', async (t) => {
  const { clock, lines, throttle } = throttled();
  throttle.warn('a', {}, 'it happens');
  clock.correct(-3_600_000);
  throttle.warn('a', {}, 'it happens');
  t.equal(lines.length, 1);
  await clock.advance(60_000);
  throttle.warn('a', {}, 'it happens');
  t.equal(lines.length, 2);
});

t.test('of more than 10,000 causes the one told of longest ago is forgotten', async (t) => {
  const { lines, throttle } = throttled();
  for (let cause = 0; cause <= 10_000; cause++) {
    throttle.warn(String(cause), {}, 'it happens');
  }
  throttle.warn('1', {}, 'it happens');
  t.equal(lines.length, 10_001, 'this one is remembered');
  throttle.warn('0', {}, 'it happens');
  t.equal(lines.length, 10_002);
});
