import { DiskStore, indexKey } from '../../../src/log/disk/store/store.js';

/** Run by a test: removes the entry of a position from the index of the first stream. */
const [directory = '', pos = ''] = process.argv.slice(2);
const store = new DiskStore(directory);
await store.write((transaction) => transaction.remove(store.index, indexKey(1, Number(pos))));
await store.close();
