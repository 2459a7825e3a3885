import t from 'tap';
import { FlushError } from '../../../src/log/disk/store/store.js';
import { Problem } from '../../../src/log/disk/write/problem.js';
import { createTestClock } from '../../support/clock.js';

t.test('a process that was stopped itself does not blame the disk for it', async (t) => {
  const clock = createTestClock();
  const reasons: unknown[] = [];
  const problem = new Problem(t.testdir(), clock, (reason) => reasons.push(reason));
  let finish = () => {};
  const written = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const watching = problem.watch(written);
  // When it goes on, the timer is due, and only then comes the word that the write has been finished for long.
  const advancing = clock.advance(60_000);
  finish();
  await watching;
  await advancing;
  t.strictSame(reasons, []);
  problem.watch(new Promise(() => {}));
  await clock.advance(10_000);
  t.strictSame(reasons, ['the disk does not finish a write']);
});

t.test('a flush that finds the disk full is no full disk: nobody knows what of it is there', async (t) => {
  const problem = new Problem(t.testdir(), createTestClock(), () => {});
  const noSpace = { code: 28 };
  problem.failed(Object.assign(new Error('no space left on device'), noSpace));
  t.match(problem.error(), { statusCode: 507, code: 'SLUICE_DISK_FULL' });
  problem.failed(Object.assign(new FlushError('no space left on device'), noSpace));
  t.match(problem.error(), { statusCode: 503, code: 'SLUICE_LOG_READ_ONLY' });
  t.equal(problem.mayWrite(), false);
});
