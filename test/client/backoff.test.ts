import fc from 'fast-check';
import t from 'tap';
import { backoff, retryAfterMs } from '../../client/backoff.js';

/** Fixes the random number for one call. */
function withRandom<T>(value: number, call: () => T): T {
  const { random } = Math;
  Math.random = () => value;
  try {
    return call();
  } finally {
    Math.random = random;
  }
}

t.test('the ceiling doubles with each failure up to the longest, and jitter is full', async (t) => {
  const ceilings = [0, 1, 2, 3, 4, 5, 50, 5000].map((failures) => withRandom(1, () => backoff(failures, 2000, 30_000)));
  t.same(ceilings, [2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000]);
  t.equal(
    withRandom(0.5, () => backoff(1, 2000, 30_000)),
    2000,
  );
  t.equal(
    withRandom(0, () => backoff(9, 2000, 30_000)),
    0,
  );
});

t.test('a base above the longest, which the server asked for, holds', async (t) => {
  t.equal(
    withRandom(1, () => backoff(7, 60_000, 30_000)),
    60_000,
  );
});

t.test('retry: 0 does not make a client hammer', async (t) => {
  t.equal(
    withRandom(1, () => backoff(10, 0, 30_000)),
    1024,
  );
});

t.test('is always a whole number of ms, up to the longest', async () => {
  const any = fc.nat({ max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(any, any, any, (failures, base, max) => {
      const ms = backoff(failures, base, max);
      return Number.isInteger(ms) && ms >= 0 && ms <= Math.max(1, base, max);
    }),
  );
});

t.test('reads Retry-After', async (t) => {
  t.equal(retryAfterMs('3'), 3000);
  t.equal(retryAfterMs(' 0 '), 0);
  const inMs = retryAfterMs(new Date(Date.now() + 60_000).toUTCString()) ?? 0;
  t.ok(inMs > 55_000 && inMs <= 60_000, `a date: ${inMs}`);
  t.equal(retryAfterMs('Thu, 01 Jan 1970 00:00:00 GMT'), 0, 'a date in the past');
  t.equal(retryAfterMs('99999999999'), 99_999_999_999_000);
  t.equal(retryAfterMs(null), undefined);
  t.equal(retryAfterMs('soon'), undefined);
});
