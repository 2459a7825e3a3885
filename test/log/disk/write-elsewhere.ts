import { writeMeta } from '../../../src/log/disk/store/meta.js';
import { thisProcess } from '../../../src/log/disk/store/owner.js';
import { DiskStore, positionKey } from '../../../src/log/disk/store/store.js';

/**
 * Run by a test: writes an event to the directory it is given, as its owner on another host would. To whoever reads
 * meanwhile it looks like damage.
 */
const [directory = '', pos] = process.argv.slice(2);
const store = new DiskStore(directory);
await store.write((transaction) => {
  writeMeta(transaction, store, 'owner', { ...thisProcess(Date.now()), host: 'elsewhere' });
  transaction.put(store.events, positionKey(Number(pos)), Buffer.from('an event'));
});
await store.close();
