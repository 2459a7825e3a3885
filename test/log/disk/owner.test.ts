import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { parseSelection } from '../../../src/events/selection.js';
import { openDiskLog } from '../../../src/log/disk/start/open.js';
import { writeMeta } from '../../../src/log/disk/store/meta.js';
import { type Owner, ownerOf } from '../../../src/log/disk/store/owner.js';
import { DiskStore } from '../../../src/log/disk/store/store.js';
import { spawnServer, startServer } from '../../server/process.js';
import { createTestClock } from '../../support/clock.js';
import { retain } from '../../support/hub.js';
import { event, publish } from '../contract/support.js';
import { openLog } from './support.js';

const SLEEP = 'setInterval(() => {}, 1000); console.log("here")';

/** Writes another owner into the directory, as a process that takes it over would. */
async function own(directory: string, owner: Owner): Promise<void> {
  const store = new DiskStore(directory);
  await store.write((transaction) => writeMeta(transaction, store, 'owner', owner));
  await store.close();
}

t.test('a second process ends with one line that names the first; killing the first frees the directory', async (t) => {
  const cwd = t.testdir();
  const directory = join(cwd, 'data');
  const first = await startServer(t, { DATA_DIR: directory }, cwd);
  const second = spawnServer(t, { DATA_DIR: directory }, cwd);
  t.strictSame(await second.exit, { code: 1, signal: null });
  t.match(
    second.stderr,
    new RegExp(`^sluice: data directory ${directory}: it belongs to the running process ${first.child.pid} .*\n$`),
  );
  t.equal((await fetch(`${first.url}/readyz`)).status, 200, 'the first one is not disturbed');
  first.child.kill('SIGKILL');
  const third = await startServer(t, { DATA_DIR: directory }, cwd);
  t.equal((await fetch(`${third.url}/readyz`)).status, 200);
});

t.test('an owner that was killed, but whose end its parent has not noticed, owns nothing', async (t) => {
  const directory = join(t.testdir(), 'data');
  await (await openLog(t, directory)).close();
  // The shell starts a process and then becomes one that never asks how it ended.
  const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60']);
  t.teardown(() => parent.kill('SIGKILL'));
  const [output] = await once(parent.stdout, 'data');
  const pid = Number(output);
  await own(directory, ownerOf(pid, Date.now()));
  await t.rejects(openLog(t, directory), { message: new RegExp(`process ${pid} `) }, 'while it runs it does');
  process.kill(pid, 'SIGKILL');
  while (!/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))) {
    await sleep(5);
  }
  await openLog(t, directory);
});

t.test('an owner whose number another process has by now owns nothing', async (t) => {
  const directory = join(t.testdir(), 'data');
  await (await openLog(t, directory)).close();
  const other = spawn(process.execPath, ['-e', SLEEP]);
  t.teardown(() => other.kill('SIGKILL'));
  await once(other.stdout, 'data');
  await own(directory, { ...ownerOf(other.pid ?? 0, 0), started: 'another boot/1' });
  await openLog(t, directory);
});

t.test('a directory that another process has taken over is not written any more', async (t) => {
  const directory = join(t.testdir(), 'data');
  const { log, problems } = await openLog(t, directory);
  await publish(log, 'a');
  const script = join(import.meta.dirname, 'take-over.ts');
  const taker = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script, directory]);
  t.equal((await once(taker, 'close'))[0], 0);
  await t.rejects(log.append([event('a')]), { code: 'SLUICE_LOG_READ_ONLY', statusCode: 503, message: /taken over/ });
  await t.rejects(log.append([event('a')]), { code: 'SLUICE_LOG_READ_ONLY' });
  const reason = `process ${taker.pid} on elsewhere has taken over ${directory}`;
  t.equal(log.problem(), reason);
  t.same(problems, [reason], 'it says so once');
  t.equal(log.head, 1);
  t.equal((await log.read(parseSelection('a'), 0, 1000)).events.length, 1, 'reads go on');
});

t.test('who writes to a directory during a start keeps it, and is not taken for damage', async (t) => {
  const directory = join(t.testdir(), 'data');
  const { log, close } = await openLog(t, directory);
  await publish(log, 'a', 'b');
  await close();
  const script = join(import.meta.dirname, 'write-elsewhere.ts');
  for (const [onDamage, pos] of [['refuse', '100'] as const, ['skip', '101'] as const]) {
    const damage: string[] = [];
    const retention = {
      ...retain(),
      /** Asked for when the start has begun to read. */
      get streams() {
        execFileSync(process.execPath, ['--import', import.meta.resolve('tsx'), script, directory, pos]);
        return 1000;
      },
    };
    const onDamageFound = (what: string) => damage.push(what);
    const options = { directory, retention, clock: createTestClock(), onDamage, onProblem: () => {}, onDamageFound };
    await t.rejects(openDiskLog(options), {
      name: 'DataDirectoryError',
      message: /another process wrote to it during the start \(the last owner was process \d+ on elsewhere\)/,
    });
    t.same(damage, []);
  }
});

t.test('a log whose owner can no longer be read closes all the same', async (t) => {
  const directory = join(t.testdir(), 'data');
  const { log, close } = await openLog(t, directory);
  const script = join(import.meta.dirname, 'spoil-owner.ts');
  const spoiler = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script, directory]);
  t.equal((await once(spoiler, 'close'))[0], 0);
  await t.rejects(log.append([event('a')]), { code: 'SLUICE_LOG_READ_ONLY' });
  await close();
  await t.rejects(
    openLog(t, directory),
    { message: /record of its owner is damaged: restore a backup$/ },
    'it is not in use any more',
  );
});

t.test('a log that was closed leaves its directory to others, although its process lives on', async (t) => {
  const directory = join(t.testdir(), 'data');
  const { close } = await openLog(t, directory);
  const script = join(import.meta.dirname, 'open-log.ts');
  const tryOpen = () => execFileSync(process.execPath, ['--import', import.meta.resolve('tsx'), script, directory]);
  t.match(tryOpen().toString(), `belongs to the running process ${process.pid}`);
  await close();
  t.equal(tryOpen().toString(), '');
});

t.test('a directory twice in one process', async (t) => {
  const directory = join(t.testdir(), 'data');
  const { close } = await openLog(t, directory);
  await t.rejects(openLog(t, directory), { name: 'DataDirectoryError', message: /in use by another hub/ });
  await close();
  await openLog(t, directory);
});
