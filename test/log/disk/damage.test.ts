import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseSelection } from '../../../src/events/selection.js';
import type { DiskStore } from '../../../src/log/disk/store/store.js';
import { indexKey, positionKey, DiskStore as Store } from '../../../src/log/disk/store/store.js';
import { judge } from '../../../src/streams/resume/resume.js';
import { event, positions, publish } from '../contract/support.js';
import { campaign } from './damage/campaign.js';
import { FAILURES } from './damage/examine.js';
import { openLog } from './support.js';

const CASES = 40;

t.test('flipped bits and cut-off ends never lead to a silent wrong answer, nor to a crash', async (t) => {
  const found = await campaign(t.testdir(), 'tap', CASES, () => {});
  const wrong = found.filter(({ refuse, skip }) => [refuse.outcome, skip.outcome].some((o) => FAILURES.includes(o)));
  t.same(wrong, []);
  t.ok(found.filter(({ refuse }) => refuse.outcome === 'refused').length > CASES / 4);
  t.ok(found.filter(({ skip }) => skip.outcome === 'the loss is told').length > CASES / 10);
});

/** What may happen to a log between two starts. */
async function harm(directory: string, change: (store: DiskStore) => Promise<unknown>[]): Promise<void> {
  const store = new Store(directory);
  await Promise.all(change(store));
  await store.close();
}

const cases: Record<string, { harm: (store: DiskStore) => Promise<unknown>[]; told: RegExp; verdict: string }> = {
  'an event that is missing in the middle': {
    harm: ({ events }) => [events.remove(positionKey(3))],
    told: /a missing event at position 2 to 4/,
    verdict: 'lost',
  },
  'the last event of a stream, missing with its index entry': {
    harm: ({ events, index }) => [events.remove(positionKey(5)), index.remove(indexKey(1, 5))],
    told: /4 events are there instead of 5: history at position 1 to 5/,
    verdict: 'lost',
  },
  'an event that is another one': {
    harm: ({ events }) => [events.put(positionKey(3), events.get(positionKey(1)) ?? Buffer.alloc(0))],
    told: /a damaged event at position 3/,
    verdict: 'lost',
  },
  'what is known of a stream, missing': {
    harm: ({ streams }) => [streams.remove(Buffer.from('b'))],
    told: /1 streams are there instead of 2: history at position 1 to 5, an event of the unknown stream b at position 2/,
    verdict: 'lost',
  },
  'an index entry, missing': {
    harm: ({ index }) => [index.remove(indexKey(1, 3))],
    told: /an index of streams that does not match their events/,
    verdict: 'exact',
  },
  'an index entry of the wrong stream': {
    harm: ({ index }) => [index.remove(indexKey(1, 3)), index.put(indexKey(2, 3), Buffer.alloc(0))],
    told: /an index of streams that does not match their events/,
    verdict: 'exact',
  },
};

for (const [name, { harm: change, told, verdict }] of Object.entries(cases)) {
  t.test(name, async (t) => {
    const directory = join(t.testdir(), 'data');
    const first = await openLog(t, directory);
    await publish(first.log, 'a', 'b', 'a', 'b', 'a');
    await first.close();
    await harm(directory, change);
    await t.rejects(openLog(t, directory), { name: 'DataDirectoryError', message: told }, 'is refused');
    const { log, damage, close } = await openLog(t, directory, { onDamage: 'skip' });
    t.match(damage[0], told);
    t.equal(damage.length, 1);
    const { resume, reason } = judge(log, parseSelection('*'), log.cursorAt(1)).verdict;
    t.equal(reason ?? resume, verdict);
    const left = await positions(log, 'a,b');
    await publish(log, 'a', 'b');
    await close();
    const again = await openLog(t, directory);
    t.same(await positions(again.log, 'a,b'), [...left, 6, 7], 'and the next start finds a whole log');
    t.same(await positions(again.log, '*'), [...left, 6, 7]);
  });
}

t.test('a damaged idempotency key', async (t) => {
  const directory = join(t.testdir(), 'data');
  const first = await openLog(t, directory);
  await first.log.append([event('a')], { key: 'one', fingerprint: 'x' });
  await first.log.append([event('a')], { key: 'two', fingerprint: 'x' });
  await first.close();
  await harm(directory, ({ receipts }) => [
    receipts.put(Buffer.from('one'), receipts.get(Buffer.from('two')) ?? Buffer.alloc(0)),
  ]);
  await t.rejects(openLog(t, directory), { message: /a damaged idempotency key/ });
  const { log } = await openLog(t, directory, { onDamage: 'skip' });
  t.equal(log.receipt('one'), undefined);
  t.match(log.receipt('two'), { first: 2 });
});

t.test('a damaged size does not cost the memory that it asks for', async (t) => {
  const directory = join(t.testdir(), 'data');
  const { log, close } = await openLog(t, directory);
  await log.append([event('a', 'x'.repeat(10_000))]);
  await close();
  const path = join(directory, 'data.mdb');
  const file = readFileSync(path);
  // Size, a mark that the data is elsewhere, length of the key, and position 1.
  const mark = Buffer.from([1, 0, 6, 0, 0, 0, 0, 0, 0, 1]);
  for (let at = file.indexOf(mark); at !== -1; at = file.indexOf(mark, at + 1)) {
    file.writeUInt32LE(0xfffffff0, at - 4);
  }
  writeFileSync(path, file);
  await t.rejects(openLog(t, directory), { message: /page \d+ of data.mdb is damaged: it is larger than the file/ });
});
