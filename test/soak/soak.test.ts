import t from 'tap';
import { compare, type Figures } from './figures.js';
import { Numbers } from './numbers.js';
import { Sequence } from './sequence.js';

const MiB = 1024 * 1024;
const START: Figures = {
  rss: 150 * MiB,
  heap: 25 * MiB,
  external: 20 * MiB,
  descriptors: 24,
  timers: 1,
  handles: 4,
  listeners: 30,
  emitters: 114,
  closures: 17_000,
};

function leaks(end: Partial<Figures>): string[] {
  return Object.entries(compare(START, { ...START, ...end })).flatMap(([name, { isLeak }]) => (isLeak ? [name] : []));
}

t.test('what has grown by more than its tolerance is a leak, and nothing else', async (t) => {
  t.strictSame(leaks({}), []);
  t.strictSame(leaks({ rss: 10 * MiB, descriptors: 20 }), [], 'less is none');
  t.strictSame(leaks({ rss: 170 * MiB, heap: 26 * MiB, closures: 17_150 }), [], 'nor is a little more');
  t.strictSame(leaks({ descriptors: 25, listeners: 31 }), ['descriptors', 'listeners']);
  t.strictSame(leaks({ heap: 28 * MiB, closures: 17_300 }), ['heap', 'closures']);
});

t.test('a series that repeats or leaves out a number is noticed; one that starts anew is not', async (t) => {
  const sequence = new Sequence('w');
  for (const n of [5, 6, 7]) {
    sequence.take('a', { n });
  }
  sequence.take('churn.1', { n: 1 });
  sequence.take('churn.2', { n: 2 });
  t.strictSame(sequence.complaints, []);
  sequence.restart();
  sequence.take('a', { n: 20 });
  t.strictSame(sequence.complaints, []);
  sequence.take('a', { n: 22 });
  sequence.take('a', { n: 22 });
  t.strictSame(sequence.complaints, ['w: a went from 20 to 22', 'w: a went from 22 to 22']);
});

t.test('the number is found wherever the way of publishing puts it, and the end is known', async (t) => {
  const numbers = new Numbers();
  const sequence = new Sequence('w');
  for (const data of [{ n: 1 }, 2, '3', { message: '4' }, { moved: 5, total: 9, status: 'running' }]) {
    numbers.next('a');
    t.notOk(sequence.events > 0 && sequence.isComplete(numbers));
    sequence.take('a', data);
    t.ok(sequence.isComplete(numbers));
  }
  t.strictSame(sequence.complaints, []);
});
