import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { KeyFile } from '../../src/access/api-keys/key-file.js';
import { createTestClock } from '../support/clock.js';
import { keyFile, secretOf } from '../support/keys.js';

const ONE = keyFile({ one: { publish: ['a'] } });
const BOTH = keyFile({ one: { publish: ['a'] }, two: { publish: ['b'] } });

function open(t: Test, path: string) {
  const clock = createTestClock();
  const reports: unknown[] = [];
  const report = {
    loaded: (keys: number) => reports.push(keys),
    rejected: ({ message }: Error) => reports.push(message),
  };
  const file = new KeyFile(path, clock, report);
  t.teardown(() => file.close());
  /** Time for one look at the file, and until as many reports are there. */
  const until = async (count: number) => {
    while (reports.length < count) {
      await clock.advance(250);
      // In which a look ends: one that 40 others wait for would be told of.
      await setTimeout(25);
    }
  };
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 250) {
      await clock.advance(250);
      // A look takes a few turns: it asks the file system.
      for (let turn = 0; turn < 50; turn++) {
        await setImmediate();
      }
    }
  };
  return { file, reports, until, pass };
}

t.test('a key that is added or removed in place counts from then on', async (t) => {
  const path = join(t.testdir({ 'keys.json': ONE }), 'keys.json');
  const { file, reports, until } = open(t, path);
  t.equal(file.find(secretOf('one'))?.id, 'key:one');
  t.equal(file.find(secretOf('two')), undefined);
  writeFileSync(path, BOTH);
  await until(2);
  t.equal(file.find(secretOf('two'))?.id, 'key:two');
  writeFileSync(path, '[]');
  await until(3);
  t.equal(file.find(secretOf('one')), undefined);
  t.strictSame(reports, [1, 2, 0]);
});

t.test('a file that is replaced by rename is noticed, again and again', async (t) => {
  const directory = t.testdir({ 'keys.json': ONE });
  const path = join(directory, 'keys.json');
  const { reports, until } = open(t, path);
  for (const [index, text] of [BOTH, ONE, BOTH, '[]'].entries()) {
    writeFileSync(join(directory, 'keys.json~'), text);
    renameSync(join(directory, 'keys.json~'), path);
    await until(index + 2);
  }
  t.strictSame(reports, [1, 2, 1, 2, 0]);
});

t.test('a link in the path that is switched is noticed, as Kubernetes does it', async (t) => {
  const directory = t.testdir({ v1: { 'keys.json': ONE }, v2: { 'keys.json': BOTH } });
  symlinkSync('v1', join(directory, 'data'));
  const { reports, until } = open(t, join(directory, 'data', 'keys.json'));
  symlinkSync('v2', join(directory, 'data~'));
  renameSync(join(directory, 'data~'), join(directory, 'data'));
  await until(2);
  t.strictSame(reports, [1, 2]);
});

t.test('of a file that is broken, half written or gone the keys before go on, and it is said once', async (t) => {
  const path = join(t.testdir({ 'keys.json': ONE }), 'keys.json');
  const { file, reports, until, pass } = open(t, path);
  writeFileSync(path, BOTH.slice(0, 60));
  await until(2);
  await pass(1000);
  t.strictSame(reports, [1, 'it is not JSON']);
  t.ok(file.find(secretOf('one')));
  rmSync(path);
  await until(3);
  await pass(1000);
  t.match(reports[2], /ENOENT/);
  t.equal(reports.length, 3);
  t.ok(file.find(secretOf('one')));
  writeFileSync(path, BOTH);
  await until(4);
  t.equal(reports[3], 2);
  t.ok(file.find(secretOf('two')));
});

t.test('a file that comes back as it was is told of, too', async (t) => {
  const path = join(t.testdir({ 'keys.json': ONE }), 'keys.json');
  const { reports, until } = open(t, path);
  renameSync(path, `${path}~`);
  await until(2);
  renameSync(`${path}~`, path);
  await until(3);
  t.match(reports, [1, /ENOENT/, 1]);
});

t.test(
  'what was opened with a key is revoked when the key is gone or allows something else, and only then',
  async (t) => {
    const keys = {
      gone: { publish: ['a'] },
      less: { subscribe: ['a', 'b'] },
      same: { subscribe: ['a', 'b'], rate: 1 },
    };
    const path = join(t.testdir({ 'keys.json': keyFile(keys) }), 'keys.json');
    const { file, until } = open(t, path);
    const signal = (name: string) => file.find(secretOf(name))?.lease?.revoked as AbortSignal;
    const [gone, less, same] = [signal('gone'), signal('less'), signal('same')];
    const revoked = Promise.all([once(gone, 'abort'), once(less, 'abort')]);
    writeFileSync(path, keyFile({ same: { subscribe: ['b', 'a'], rate: 2 }, less: { subscribe: ['a'] } }));
    await until(2);
    await revoked;
    t.notOk(same.aborted, 'another order is no other right');
    t.equal(signal('same'), same);
    t.equal(file.find(secretOf('same'))?.rate, 2);
    t.not(signal('less'), less);
    t.notOk(signal('less').aborted);
  },
);

t.test('a key that loses only a right to publish is revoked, and so is one under another name', async (t) => {
  const before = { fewer: { publish: ['a', 'b'], subscribe: ['a'] }, old: { subscribe: ['a'] } };
  const path = join(t.testdir({ 'keys.json': keyFile(before) }), 'keys.json');
  const { file, until } = open(t, path);
  const leases = ['fewer', 'old'].map((name) => file.find(secretOf(name))?.lease);
  const after = keyFile({ ...before, fewer: { publish: ['a'], subscribe: ['a'] } });
  writeFileSync(path, after.replace('"name":"old"', '"name":"new"'));
  await until(2);
  t.equal(file.find(secretOf('old'))?.id, 'key:new');
  t.same(
    leases.map((lease) => lease?.revoked?.aborted),
    [true, true],
  );
});

t.test('nothing is looked at any more once it is closed', async (t) => {
  const path = join(t.testdir({ 'keys.json': ONE }), 'keys.json');
  const { file, reports, pass } = open(t, path);
  file.close();
  writeFileSync(path, BOTH);
  await pass(1000);
  t.strictSame(reports, [1]);
});

t.test('a file that cannot be used in the first place is an error', async (t) => {
  const directory = t.testdir({ 'bad.json': '[{}]' });
  const report = { loaded: () => {}, rejected: () => {} };
  const openFile = (name: string) => () => new KeyFile(join(directory, name), createTestClock(), report);
  t.throws(openFile('none.json'), { message: /ENOENT/ });
  t.throws(openFile('bad.json'), { message: /^key 1: / });
});

t.test('a pipe in its place is no file; when it is one again, it counts', async (t) => {
  const path = join(t.testdir({ 'keys.json': ONE }), 'keys.json');
  const { file, reports, until, pass } = open(t, path);
  rmSync(path);
  spawnSync('mkfifo', [path]);
  await until(2);
  await pass(1000);
  t.strictSame(reports, [1, `${path} is not a file`]);
  rmSync(path);
  writeFileSync(path, '[]');
  await until(3);
  t.equal(file.find(secretOf('one')), undefined);
  spawnSync('mkfifo', [`${path}.pipe`]);
  t.throws(() => open(t, `${path}.pipe`), /is not a file/);
});

t.test('a look that does not end is told, once, and whatever is there when it ends counts', async (t) => {
  const directory = t.testdir({ 'keys.json': ONE });
  const path = join(directory, 'keys.json');
  const { file, reports, until, pass } = open(t, path);
  // Every thread that could look waits for the other end of a pipe.
  const pipes = Array.from({ length: 4 }, (_, i) => join(directory, `pipe${i}`));
  spawnSync('mkfifo', pipes);
  const reading = pipes.map((pipe) => readFile(pipe));
  await pass(12_000);
  t.strictSame(reports, [1, 'reading it does not end: its file system may hang']);
  t.ok(file.find(secretOf('one')), 'the keys before go on');
  writeFileSync(path, BOTH);
  spawnSync('sh', ['-c', 'for pipe; do : > "$pipe"; done', 'sh', ...pipes]);
  await Promise.all(reading);
  await until(3);
  t.ok(file.find(secretOf('two')));
});
