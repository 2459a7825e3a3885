import t from 'tap';
import { StreamQuota } from '../../src/bus/stream-quota.js';

const TOO_MANY = { code: 'SLUICE_TOO_MANY_STREAMS', statusCode: 429 };

/** A quota over streams that hold events once they were stored, until they are taken out of `held`. */
function createQuota(limit: number) {
  const held = new Set<string>();
  const outlived = new Set<string>();
  const quota = new StreamQuota(limit, {
    holds: (stream) => held.has(stream),
    isOutlived: (stream) => outlived.has(stream),
  });
  const begin = (publisher: string, ...streams: string[]) =>
    quota.within(publisher, streams, async () => {
      for (const stream of streams) {
        held.add(stream);
      }
    });
  return { quota, held, outlived, begin };
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `stream-${index}`);

t.test('a publisher begins as many streams as it may; those that others have begun do not count', async (t) => {
  const { begin } = createQuota(2);
  await begin('a', 'one');
  await begin('a', 'two');
  await t.rejects(begin('a', 'three'), TOO_MANY);
  await begin('a', 'one');
  await begin('b', 'three');
  await begin('a', 'three');
  await t.rejects(begin('a', 'four'), TOO_MANY);
});

t.test('a batch counts as a whole, each of its streams once', async (t) => {
  const { begin } = createQuota(3);
  await begin('a', 'one', 'one', 'two');
  await t.rejects(begin('a', 'three', 'four'), TOO_MANY);
  await t.rejects(begin('b', ...names(4)), TOO_MANY);
  await begin('a', 'one', 'three', 'three');
});

t.test('what is under way at once counts together', async (t) => {
  const { begin } = createQuota(5);
  const outcomes = await Promise.allSettled(names(20).map((name) => begin('a', name)));
  t.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 5);
});

t.test('what could not be stored takes no place', async (t) => {
  const { quota, begin } = createQuota(2);
  for (const name of names(10)) {
    const storing = quota.within('a', [name], async () => {
      throw new Error('the disk is full');
    });
    await t.rejects(storing, { message: 'the disk is full' });
  }
  await begin('a', 'one', 'two');
});

t.test('a stream without events gives its place back, however many others were begun before it', async (t) => {
  const { held, begin } = createQuota(1000);
  await begin('a', ...names(1000));
  held.delete('stream-900');
  let refused = 0;
  while (!held.has('late')) {
    await begin('a', 'late').catch(() => refused++);
  }
  t.ok(refused > 0 && refused < 1000 / 64, `after ${refused} refusals, each of which looked at a few`);
  await t.rejects(begin('a', 'later'), TOO_MANY);
});

t.test('a state that has outlived the limits gives its place back, and may still be told anew', async (t) => {
  const { outlived, begin } = createQuota(1);
  await begin('a', 'job-1');
  await t.rejects(begin('a', 'job-2'), TOO_MANY);
  outlived.add('job-1');
  await begin('a', 'job-2');
  await begin('a', 'job-1');
  await t.rejects(begin('a', 'job-3'), TOO_MANY);
});

t.test('without a limit nothing is looked at', async (t) => {
  const look = () => {
    throw new Error('looked at');
  };
  const quota = new StreamQuota(0, { holds: look, isOutlived: look });
  t.equal(await quota.within('a', ['one'], async () => 'stored'), 'stored');
});

t.test('a thousand publishers are remembered; the one that has begun nothing for longest begins anew', async (t) => {
  const { begin } = createQuota(1);
  for (const name of names(1000)) {
    await begin(`publisher of ${name}`, name);
  }
  await t.rejects(begin('publisher of stream-0', 'more'), TOO_MANY);
  await begin('another', 'another');
  await begin('publisher of stream-1', 'more');
});
