import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { MemoryLog } from '../../src/log/memory/memory-log.js';
import { openLog } from '../log/disk/support.js';
import { turn } from '../support/clock.js';
import { createHub, type TestHub, type Watcher } from '../support/hub.js';
import { mountTmpfs } from '../support/mount.js';

const LARGE = 100;

function watchers(hub: TestHub, count: number): Watcher[] {
  return Array.from({ length: count }, () => hub.watch('a'));
}

async function diskHub(t: Test): Promise<TestHub> {
  const { log } = await openLog(t, join(t.testdir(), 'data'));
  return createHub({ log: () => log });
}

/** Publishes an event, and two more while that one is being committed. */
async function publishDuringCommit({ bus, log }: TestHub): Promise<void> {
  const first = bus.publish({ stream: 'a', data: 1 });
  await setImmediate();
  const others = [2, 3].map((data) => bus.publish({ stream: 'a', data }));
  await Promise.all([first, ...others]);
  await log.idle();
  await turn();
}

const dataOf = ({ events }: Watcher) => events.map(({ data }) => data);

const audiences = [
  { name: 'a large audience gets the events of the commit under way with those before it', size: LARGE, writes: 1 },
  { name: 'a small one is not kept waiting', size: LARGE - 1, writes: 2 },
];
for (const { name, size, writes } of audiences) {
  t.test(name, async (t) => {
    const hub = await diskHub(t);
    const all = watchers(hub, size);
    const written = all.map(({ sink }) => sink.chunks.length);
    await publishDuringCommit(hub);
    t.equal(hub.log.usage().commits, 2);
    for (const [i, watcher] of all.entries()) {
      t.equal(watcher.sink.chunks.length - (written[i] ?? 0), writes);
      t.same(dataOf(watcher), ['1', '2', '3']);
    }
  });
}

t.test('who comes while others wait has missed nothing and gets nothing twice', async (t) => {
  const hub = createHub({ log: stuckLog });
  const [watcher] = watchers(hub, LARGE);
  await hub.bus.publish({ stream: 'a', data: 1 });
  await turn();
  const cursor = hub.log.cursorAt(0);
  const [late, again] = [hub.watch('a'), hub.watch('a', { cursor })];
  await hub.bus.publish({ stream: 'a', data: 2 });
  await turn();
  await hub.clock.advance(5);
  t.same(
    [watcher, late, again].map((each) => each && dataOf(each)),
    [['1', '2'], ['2'], ['1', '2']],
  );
});

t.test('a commit that hangs is waited for 5 ms', async (t) => {
  const hub = createHub({ log: stuckLog });
  const [watcher] = watchers(hub, LARGE);
  await hub.bus.publish({ stream: 'a', data: 1 });
  await turn();
  await hub.clock.advance(4);
  t.same(watcher && dataOf(watcher), []);
  await hub.clock.advance(1);
  t.same(watcher && dataOf(watcher), ['1']);
});

t.test('one that fails, as on a full disk, ends the wait', async (t) => {
  const path = mountTmpfs(t, 'size=8m');
  if (path === undefined) {
    t.pass('this process may not mount');
    return;
  }
  const { log } = await openLog(t, join(path, 'data'));
  const hub = createHub({ log: () => log });
  const [watcher] = watchers(hub, LARGE);
  const first = hub.bus.publish({ stream: 'a', data: 1 });
  await setImmediate();
  const large = { stream: 'a', data: 'x'.repeat(250_000) };
  const others = Array.from({ length: 40 }, () => large);
  const failing = t.rejects(hub.bus.publishBatch(others), { code: 'SLUICE_DISK_FULL' });
  await first;
  await setImmediate();
  t.same(watcher && dataOf(watcher), [], 'it waits');
  await failing;
  await turn();
  t.same(watcher && dataOf(watcher), ['1']);
});

t.test('who is ended meanwhile gets it before', async (t) => {
  const hub = createHub({ log: stuckLog, registry: { maxConnectionAgeMs: 4 } });
  const [watcher] = watchers(hub, LARGE);
  await hub.bus.publish({ stream: 'a', data: 1 });
  await turn();
  await hub.clock.advance(4);
  t.equal(watcher?.summary?.reason, 'age');
  t.same(watcher && dataOf(watcher), ['1']);
});

t.test('a stop does not wait for it', async (t) => {
  const hub = createHub({ log: stuckLog });
  const timers = hub.clock.timers();
  const [watcher] = watchers(hub, LARGE);
  await hub.bus.publish({ stream: 'a', data: 1 });
  await turn();
  await hub.streams.close(1000);
  t.same(watcher && dataOf(watcher), ['1']);
  t.equal(watcher?.summary?.reason, 'shutdown');
  t.equal(hub.clock.timers(), timers, 'and leaves no timer');
});

/** A log with a commit under way that never ends. */
function stuckLog(...options: ConstructorParameters<typeof MemoryLog>): MemoryLog {
  return Object.assign(new MemoryLog(...options), { nextCommit: () => new Promise<void>(() => {}) });
}
