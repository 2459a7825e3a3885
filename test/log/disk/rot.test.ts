import { execFile } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import type { SluiceError } from '../../../src/errors.js';
import { parseSelection } from '../../../src/events/selection.js';
import type { DiskLog } from '../../../src/log/disk/disk-log.js';
import type { Retention } from '../../../src/log/retention.js';
import { START, turn } from '../../support/clock.js';
import { createHub, type Watcher } from '../../support/hub.js';
import { dataOf } from '../../support/watch.js';
import { event, generate, positions, publish } from '../contract/support.js';
import { openLog } from './support.js';

const EVENTS = 6;

/** A hub whose third event is damaged on disk while the log is open; nothing is in memory. */
async function createDamagedHub(t: Test, onDamage: 'refuse' | 'skip') {
  const directory = join(t.testdir(), 'data');
  const { log, damage, close } = await openLog(t, directory, { onDamage, listens: false });
  const hub = createHub({ log: () => log, registry: { windowBytes: 1 } });
  for (let pos = 1; pos <= EVENTS; pos++) {
    await log.append([event(pos === 3 ? 'tasks.a' : 'a', `text ${pos}`)]);
  }
  overwrite(directory, /text 3/g, 'test 3');
  return { ...hub, damage, close, directory };
}

function overwrite(directory: string, what: RegExp, by: string): void {
  const path = join(directory, 'data.mdb');
  const healthy = readFileSync(path, 'latin1');
  writeFileSync(path, healthy.replace(what, by), { encoding: 'latin1', flag: 'r+' });
}

async function ended(watcher: Watcher): Promise<Watcher> {
  while (watcher.summary === undefined) {
    await turn();
  }
  return watcher;
}

for (const [mark, whose] of [
  ['', 'a watcher'],
  ['~', 'one that is to get the current state'],
] as const) {
  t.test(`damage that a catch-up comes upon and may skip: ${whose} is told it is lost, and goes on`, async (t) => {
    const { log, damage, watch } = await createDamagedHub(t, 'skip');
    const cursor = `${log.cursorAt(1)}${mark}`;
    const first = await ended(watch('*', { cursor }));
    t.equal(first.verdict.resume, 'exact');
    t.equal(first.summary?.reason, 'overtaken');
    t.same(first.events, [], 'nothing is left out without a word');
    const second = watch('*', { cursor: first.cursor });
    t.match(second.verdict, { resume: 'gap', reason: 'lost' });
    while (second.events.length < EVENTS - 2) {
      await turn();
    }
    t.same(
      second.events.map(({ id }) => id),
      [2, 4, 5, 6].map((pos) => log.cursorAt(pos)),
    );
    t.equal(watch('*', { cursor: log.cursorAt(3) }).verdict.resume, 'exact', 'after it nothing is lost');
    t.same(damage, ['the event at position 3 is damaged']);
  });
}

t.test(
  'damage that must not be skipped: the watcher is told why it cannot go on, and the log names it once',
  async (t) => {
    const { log, damage, watch, streams } = await createDamagedHub(t, 'refuse');
    streams.on('failed', (error) => t.fail('not reported again', { error }));
    for (let i = 0; i < 3; i++) {
      const { summary, messages, cursor } = await ended(watch('*', { cursor: log.cursorAt(1) }));
      t.equal(summary?.reason, 'error');
      const refused = messages.find(({ event }) => event === 'refused');
      t.match(dataOf(refused), {
        code: 'SLUICE_LOG_DAMAGED',
        message:
          'the event at position 3 is damaged: restore a backup, or restart with DAMAGED=skip to go on without it',
      });
      t.equal(cursor, log.cursorAt(1), 'it keeps its place');
    }
    t.equal(streams.refused.SLUICE_LOG_DAMAGED, 3);
    t.same(damage, ['the event at position 3 is damaged']);
    t.equal((await log.append([event('a')])).events.length, 1, 'publishing goes on');
    t.equal(watch('*', { cursor: log.cursorAt(EVENTS) }).verdict.resume, 'exact', 'so do watchers who need it not');
  },
);

t.test(
  'a damaged state that must not be skipped: who is to get it is told so after the verdict, and keeps its place',
  async (t) => {
    const { log, watch } = await createDamagedHub(t, 'refuse');
    const place = `${log.cursorAt(EVENTS)}~`;
    for (const cursor of [undefined, place]) {
      const watcher = await ended(watch('tasks.*', { cursor }));
      t.same(
        watcher.messages.map(({ event }) => event),
        ['connected', 'refused'],
      );
      t.equal(watcher.cursor, place);
    }
  },
);

t.test('other reads that come upon it', async (t) => {
  const refusing = await createDamagedHub(t, 'refuse');
  const isDamaged = { code: 'SLUICE_LOG_DAMAGED', statusCode: 503 } satisfies Partial<SluiceError>;
  t.throws(() => [...refusing.log.latestStates(parseSelection('*'), 10)], isDamaged);
  await refusing.close();
  const skipping = await createDamagedHub(t, 'skip');
  t.same([...skipping.log.latestStates(parseSelection('*'), 10)], []);
  t.same(skipping.damage, ['the event at position 3 is damaged']);
});

t.test('the latest states are read one by one: what nobody asks for may be damaged', async (t) => {
  const { log, damage } = await createDamagedHub(t, 'refuse');
  await log.append([event('tasks.b')]);
  const [newest] = log.latestStates(parseSelection('*'), 10);
  t.equal(newest?.stream, 'tasks.b');
  t.same(damage, []);
});

t.test('the time of the oldest event needs no more of it than its head', async (t) => {
  const { log, damage, directory } = await createDamagedHub(t, 'refuse');
  t.equal(log.oldestTime('tasks.a'), START, 'its text is damaged');
  overwrite(directory, /tasks\.a(.{0,20}test 3)/g, 'tasks.b$1');
  t.equal(log.oldestTime('tasks.a'), undefined, 'it looks like the event of another stream');
  t.same(damage, [], 'whoever reads the event itself tells of it');
});

t.test('a damaged time is none rather than one that no date can have', async (t) => {
  const { log, directory } = await createDamagedHub(t, 'refuse');
  const time = Buffer.alloc(8);
  time.writeDoubleBE(START);
  // Before it are the flags and the link to an event before, after it the lengths of stream and type.
  const record = new RegExp(`\\0{7}${time.toString('latin1')}(\\x07\\0\\x07tasks)`, 'gs');
  overwrite(directory, record, `${'\0'.repeat(7)}${'\x7f'.repeat(8)}$1`);
  t.equal(log.oldestTime('tasks.a'), undefined);
});

t.test('an idempotency key that is damaged says so, and others work', async (t) => {
  const directory = join(t.testdir(), 'data');
  const { log } = await openLog(t, directory);
  await log.append([event('a')], { key: 'k', fingerprint: 'fingerprint 1' });
  await log.append([event('a')], { key: 'other', fingerprint: 'fingerprint 2' });
  overwrite(directory, /fingerprint 1/g, 'fingerprint 3');
  t.throws(() => log.receipt('k'), {
    code: 'SLUICE_LOG_DAMAGED',
    statusCode: 503,
    message: /damaged, .*: use another one$/,
  });
  t.match(log.receipt('other'), { fingerprint: 'fingerprint 2' });
});

t.test('the next start finds what a read has skipped', async (t) => {
  const { log, close, directory } = await createDamagedHub(t, 'skip');
  await log.read(parseSelection('*'), 0, 1000);
  await close();
  await t.rejects(openLog(t, directory), { message: /a damaged event at position 3/ });
  const again = await openLog(t, directory, { onDamage: 'skip' });
  t.ok(again.log.lostAfter(2));
  t.notOk(again.log.lostAfter(3));
});

const trims: Record<string, { limits: Partial<Retention>; trim: (log: DiskLog) => Promise<unknown>; left: number[] }> =
  {
    'of a stream with too many events': {
      limits: { eventsPerStream: 2 },
      trim: (log) => publish(log, 'orders'),
      left: [2, 3],
    },
    'of a stream with too many generated events': {
      limits: {},
      trim: (log) => generate(log, 'orders', 101),
      left: [2, ...Array.from({ length: 100 }, (_, i) => i + 4)],
    },
    'of a stream that is purged': { limits: {}, trim: (log) => log.purge('orders'), left: [] },
  };

for (const [name, { limits, trim, left }] of Object.entries(trims)) {
  t.test(`a trim ${name} takes a damaged event with it`, async (t) => {
    const directory = join(t.testdir(), 'data');
    const { log, problems, damage, close } = await openLog(t, directory, { limits });
    const generated = limits.eventsPerStream === undefined;
    await log.append([event('orders', 'text 1', generated), event('orders', 'text 2')]);
    overwrite(directory, /orders(.{0,20}text 1)/g, 'others$1');
    await trim(log);
    t.same(await positions(log), left);
    t.match(log.usage(), { events: left.length });
    t.same([...problems, ...damage], []);
    await close();
    const again = await openLog(t, directory, { limits });
    t.same(await positions(again.log), left, 'and the next start finds a whole log');
  });
}

t.test('a trim of the oldest of all does not take a damaged event for that of another stream', async (t) => {
  const directory = join(t.testdir(), 'data');
  const options = { limits: { events: 2 }, onDamage: 'skip' } as const;
  const { log, problems, damage, close } = await openLog(t, directory, options);
  await log.append([event('orders', 'text 1'), event('others', 'text 2')]);
  overwrite(directory, /orders(.{0,20}text 1)/g, 'others$1');
  await publish(log, 'a', 'a');
  t.same(problems, []);
  t.same(
    log.streams.list('o', '', 10).map(({ stream, events }) => [stream, events]),
    [
      ['orders', 1],
      ['others', 0],
    ],
  );
  t.same(await positions(log), [4], 'it counts until it is removed');
  t.same(damage, ['the event at position 1 is damaged']);
  await close();
  const again = await openLog(t, directory, options);
  await publish(again.log, 'a');
  t.same(await positions(again.log), [4, 5], 'the start has removed it');
});

for (const [which, lost] of [
  ['between others', 3],
  ['at the end', 5],
] as const) {
  t.test(`an entry ${which} that the index has lost is not passed over`, async (t) => {
    const directory = join(t.testdir(), 'data');
    const { log } = await openLog(t, directory);
    await publish(log, 'a', 'b', 'a', 'b', 'a');
    await loseEntry(directory, lost);
    await publish(log, 'b');
    await t.rejects(log.read(parseSelection('a'), 0, 1_000_000), {
      code: 'SLUICE_LOG_DAMAGED',
      message: new RegExp(`the event at position ${lost} is missing`),
    });
  });
}

t.test('to go on without an event that is damaged, only what is wrong is written', async (t) => {
  const directory = join(t.testdir(), 'data');
  const { log, close } = await openLog(t, directory);
  await log.append(Array.from({ length: 20_000 }, (_, n) => event('a', `text ${n}`)));
  await close();
  overwrite(directory, /text 3"/, 'test 3"');
  const size = () => statSync(join(directory, 'data.mdb')).size;
  const before = size();
  const { log: mended, damage } = await openLog(t, directory, { onDamage: 'skip' });
  t.equal(mended.usage().events, 19_999);
  t.match(damage, [/position 4/]);
  // Written anew, the index alone would take half a megabyte.
  t.ok(size() - before < 100_000, `${size() - before} bytes more`);
});

/** Another process writes what the open log does not know of. */
async function loseEntry(directory: string, pos: number): Promise<void> {
  const script = join(import.meta.dirname, 'lose-entry.ts');
  await promisify(execFile)(process.execPath, ['--import', import.meta.resolve('tsx'), script, directory, `${pos}`]);
}

t.test('a state that goes after an older one was damaged is not taken for damage as well', async (t) => {
  const directory = join(t.testdir(), 'data');
  const { log, damage } = await openLog(t, directory, { onDamage: 'skip', limits: { bytes: 1000 } });
  await publish(log, 'other');
  await log.append([event('tasks.a', 'text 2')]);
  overwrite(directory, /text 2/g, 'test 2');
  await log.append([event('tasks.a', 'x'.repeat(1000))]);
  await log.idle();
  t.same((await log.read(parseSelection('tasks.a'), 0, 10_000)).events, []);
  t.same(damage, ['the event at position 2 is damaged']);
});
