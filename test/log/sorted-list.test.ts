import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { lowest, SortedList } from '../../src/log/sorted-list.js';

interface Item {
  readonly key: number;
}

const byKey = (a: Item, b: Item) => a.key - b.key;

t.test('a list keeps what a sorted array would, whatever is added and deleted', async () => {
  const keys = fc.uniqueArray(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 3000, size: 'max' });
  fc.assert(
    fc.property(keys, fc.func(fc.boolean()), fc.integer({ min: -1, max: 100_001 }), (keys, isDeleted, key) => {
      const list = new SortedList<Item, number>((item) => item.key);
      const items = keys.map((key) => ({ key }));
      for (const item of items) {
        list.add(item);
      }
      for (const item of items.filter(({ key }) => isDeleted(key))) {
        list.delete(item);
      }
      const expected = items.filter(({ key }) => !isDeleted(key)).sort(byKey);
      const above = expected.filter((item) => item.key > key);
      assert.equal(list.size, expected.length);
      assert.equal(list.countAbove(key), above.length);
      assert.deepEqual([...list.above(key)], above);
      assert.deepEqual([...list.descending()], expected.toReversed());
      for (const limit of [1, 100, 1000]) {
        assert.deepEqual(list.top(key, limit), above.toReversed().slice(0, limit));
      }
    }),
    { seed: 1, numRuns: 50 },
  );
});

t.test('deleting what is not in the list changes nothing, even with a key that is', async (t) => {
  const list = new SortedList<Item, number>((item) => item.key);
  const item = { key: 1 };
  list.delete(item);
  list.add(item);
  list.delete({ key: 1 });
  list.delete({ key: 2 });
  t.equal(list.size, 1);
  list.delete(item);
  list.delete(item);
  t.same([...list.descending()], []);
  t.equal(list.countAbove(0), 0);
});

t.test('a list that was emptied can be filled again', async (t) => {
  const list = new SortedList<string, string>((name) => name);
  for (const name of ['b', 'a']) {
    list.add(name);
    list.delete(name);
  }
  list.add('c');
  list.add('a');
  t.same([...list.above('')], ['a', 'c']);
});

t.test('lowest finds where a condition begins to hold', async () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(1000), (length, from) => {
      const items = Array.from({ length }, (_, i) => i);
      assert.equal(
        lowest(items, (item) => item >= from),
        Math.min(length, from),
      );
    }),
    { seed: 1 },
  );
});
