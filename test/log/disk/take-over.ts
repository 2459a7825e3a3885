import { writeMeta } from '../../../src/log/disk/store/meta.js';
import { thisProcess } from '../../../src/log/disk/store/owner.js';
import { DiskStore } from '../../../src/log/disk/store/store.js';

/** Run by a test: takes the directory it is given from its owner, as a process on another host would. */
const store = new DiskStore(process.argv[2] ?? '');
await store.write((transaction) =>
  writeMeta(transaction, store, 'owner', { ...thisProcess(Date.now()), host: 'elsewhere' }),
);
await store.close();
