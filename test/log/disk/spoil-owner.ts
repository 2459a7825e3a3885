import { DiskStore } from '../../../src/log/disk/store/store.js';

/** Run by a test: damages what the directory it is given says of its owner. */
const store = new DiskStore(process.argv[2] ?? '');
await store.write((transaction) => transaction.put(store.meta, Buffer.from('owner'), Buffer.from('damaged')));
await store.close();
