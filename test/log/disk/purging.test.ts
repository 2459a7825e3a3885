import { join } from 'node:path';
import t from 'tap';
import { parseSelection } from '../../../src/events/selection.js';
import type { DiskLog } from '../../../src/log/disk/disk-log.js';
import { DiskStore } from '../../../src/log/disk/store/store.js';
import { event } from '../contract/support.js';
import { openLog } from './support.js';

/** More than one turn removes. */
async function fill(log: DiskLog): Promise<void> {
  for (let i = 0; i < 10; i++) {
    await log.append(Array.from({ length: 1000 }, () => event('a')));
  }
}

t.test('a stream reads empty from the moment it is purged, however long it takes to remove it', async (t) => {
  const { log } = await openLog(t, join(t.testdir(), 'data'));
  await fill(log);
  t.equal(await log.purge('a'), 10_000);
  t.same((await log.read(parseSelection('a'), 0, 1_000_000)).events, []);
});

t.test('a purge leaves nothing on disk', async (t) => {
  const directory = join(t.testdir(), 'data');
  const { log, close } = await openLog(t, directory);
  await fill(log);
  await log.purge('a');
  await log.idle();
  await close();
  const store = new DiskStore(directory);
  t.teardown(() => store.close());
  t.same([...store.events.keys()], []);
});
