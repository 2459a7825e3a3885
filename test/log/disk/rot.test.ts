import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { SluiceError } from '../../../src/errors.js';
import { parseSelection } from '../../../src/streams/selection.js';
import { turn } from '../../support/clock.js';
import { createHub, type Watcher } from '../../support/hub.js';
import { dataOf } from '../../support/watch.js';
import { event } from '../contract/support.js';
import { openLog } from './support.js';

const EVENTS = 6;

/** A hub whose third event is damaged on disk while the log is open; nothing is in memory. */
async function createDamagedHub(t: Test, onDamage: 'refuse' | 'skip') {
  const directory = join(t.testdir(), 'data');
  const { log, damage, close } = await openLog(t, directory, { onDamage });
  const hub = createHub({ log: () => log, registry: { windowBytes: 1 } });
  for (let pos = 1; pos <= EVENTS; pos++) {
    await log.append([event(pos === 3 ? 'tasks.a' : 'a', `text ${pos}`)]);
  }
  const path = join(directory, 'data.mdb');
  const healthy = readFileSync(path, 'latin1');
  writeFileSync(path, healthy.replaceAll('text 3', 'test 3'), { encoding: 'latin1', flag: 'r+' });
  return { ...hub, damage, close, directory };
}

async function ended(watcher: Watcher): Promise<Watcher> {
  while (watcher.summary === undefined) {
    await turn();
  }
  return watcher;
}

t.test('damage that a catch-up comes upon and may skip: the watcher is told it is lost, and goes on', async (t) => {
  const { log, damage, watch } = await createDamagedHub(t, 'skip');
  const cursor = log.cursorAt(1);
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
    t.same(damage, ['the event at position 3 is damaged']);
    t.equal((await log.append([event('a')])).events.length, 1, 'publishing goes on');
    t.equal(watch('*', { cursor: log.cursorAt(EVENTS) }).verdict.resume, 'exact', 'so do watchers who need it not');
  },
);

t.test('other reads that come upon it', async (t) => {
  const refusing = await createDamagedHub(t, 'refuse');
  const isDamaged = { code: 'SLUICE_LOG_DAMAGED', statusCode: 503 } satisfies Partial<SluiceError>;
  t.throws(() => refusing.log.latestStates(parseSelection('*'), 10), isDamaged);
  t.throws(() => refusing.log.list('', '', 10), isDamaged);
  await refusing.close();
  const skipping = await createDamagedHub(t, 'skip');
  t.same(skipping.log.latestStates(parseSelection('*'), 10), []);
  t.match(skipping.log.list('tasks', '', 10), [{ stream: 'tasks.a', oldest: undefined }]);
  t.same(skipping.damage, ['the event at position 3 is damaged']);
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
