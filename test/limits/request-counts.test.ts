import t from 'tap';
import { RequestCounts } from '../../src/limits/request-counts.js';
import { createTestClock } from '../support/clock.js';

const PERIOD_MS = 60_000;

function ask(counts: RequestCounts, client: string): number {
  let requests = 0;
  counts.incr(
    client,
    (_error, { current }) => {
      requests = current;
    },
    PERIOD_MS,
  );
  return requests;
}

t.test('of 10,000 clients each is counted; of more, those that have been idle longest begin anew', async (t) => {
  const counts = new RequestCounts(createTestClock());
  ask(counts, 'first');
  for (let i = 0; i < 9_999; i++) {
    ask(counts, `a${i}`);
  }
  t.equal(ask(counts, 'first'), 2);
  for (let i = 0; i < 30_000; i++) {
    ask(counts, `b${i}`);
    if (i % 1000 === 0) {
      ask(counts, 'busy');
    }
  }
  t.equal(ask(counts, 'first'), 1);
  t.equal(ask(counts, 'busy'), 31);
});

t.test('however many clients there are, counting one takes about as long', async (t) => {
  const timeOf = (clients: number) => {
    const counts = new RequestCounts(createTestClock());
    const start = process.cpuUsage();
    for (let i = 0; i < 100_000; i++) {
      ask(counts, `client ${i % clients}`);
    }
    return process.cpuUsage(start).user;
  };
  timeOf(100);
  t.ok(timeOf(9_999) < timeOf(100) * 10);
});
