import t from 'tap';
import { EpochList } from '../../../src/log/disk/store/epochs.js';
import { publish } from '../contract/support.js';
import { openLog } from './support.js';

t.test('starts that store nothing make no cursor invalid, however many', async (t) => {
  let list = new EpochList([]).begin(0);
  const empty = list.nameAt(0);
  list = list.begin(0);
  const used = list.nameAt(1);
  for (let starts = 0; starts < 20_000; starts++) {
    list = list.begin(2);
  }
  t.same(list.rangeOf(empty, 2), { from: 0, to: 0 }, 'the cursor of who has watched an empty log');
  t.same(list.rangeOf(used, 2), { from: 0, to: 2 });
  t.equal(list.nameAt(2), used);
  t.not(list.nameAt(3), used);
  t.equal(list.all.length, 3);
});

t.test('nor on disk', async (t) => {
  const directory = t.testdir();
  const first = await openLog(t, directory);
  await publish(first.log, 'a');
  await first.close();
  const epochs = new Set([first.log.epoch]);
  for (let starts = 0; starts < 3; starts++) {
    const { log, close } = await openLog(t, directory);
    epochs.add(log.epoch);
    t.equal(log.locate({ epoch: first.log.epoch, pos: 1 }), 'inside');
    await close();
  }
  t.equal(epochs.size, 4, 'each has an epoch of its own');
});

t.test('a closed log says so to whoever asks for a receipt', async (t) => {
  const { log, close } = await openLog(t, t.testdir());
  await close();
  t.throws(() => log.receipt('k'), { code: 'SLUICE_SHUTTING_DOWN' });
});
