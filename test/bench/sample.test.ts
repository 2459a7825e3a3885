import t from 'tap';
import { sampleDuring } from '../../bench/support/sample.js';

t.test('samples are taken until the work is done', async (t) => {
  let finish = (_result: string) => {};
  const work = new Promise<string>((resolve) => {
    finish = resolve;
  });
  let count = 0;
  const sample = async () => {
    count++;
    if (count === 3) {
      finish('done');
    }
    return count;
  };
  t.strictSame(await sampleDuring(work, 1, sample), ['done', [1, 2, 3]]);
});

t.test('work that fails is one rejection, of what failed', async (t) => {
  await t.rejects(
    sampleDuring(Promise.reject(new Error('the client ended')), 1, () => 0),
    { message: 'the client ended' },
  );
});

t.test('so is a sample that fails, however the work ends after it', async (t) => {
  let fail = (_error: Error) => {};
  const work = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  const sample = () => {
    throw new Error('the server ended');
  };
  await t.rejects(sampleDuring(work, 1, sample), { message: 'the server ended' });
  fail(new Error('the client ended'));
  await new Promise(setImmediate);
});
