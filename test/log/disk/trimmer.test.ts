import { join } from 'node:path';
import t, { type Test } from 'tap';
import { DiskState } from '../../../src/log/disk/disk-state.js';
import { bytesOf, encodeRecord } from '../../../src/log/disk/store/record.js';
import { DiskStore } from '../../../src/log/disk/store/store.js';
import { WriteBatch } from '../../../src/log/disk/write/write-batch.js';
import type { Retention } from '../../../src/log/retention.js';
import { retain } from '../../support/hub.js';
import { event } from '../contract/support.js';

/** The state of an empty log, with a way to store events in it, and to carry out what its trimmer plans. */
function open(t: Test, limits: Partial<Retention>) {
  const store = new DiskStore(join(t.testdir(), 'data'));
  t.teardown(() => store.close());
  const state = new DiskState(store, retain(limits));
  const commit = async (fill: (group: WriteBatch) => void) => {
    const group = new WriteBatch(state.streams, state.totals, state.nextId, 'e', 0);
    fill(group);
    await store.write((transaction) => group.put(transaction, store));
    state.settle(group);
    for (const { event, bytes } of group.written) {
      state.added(event, bytes);
    }
  };
  const put = (...streams: string[]) =>
    commit((group) =>
      group.append(
        streams.map((stream) => event(stream)),
        undefined,
      ),
    );
  /** How many events each plan takes, until nothing is due. */
  const carryOut = async (limit: number) => {
    const sizes: number[] = [];
    while (state.trimmer.isDue(0)) {
      const plan = state.trimmer.plan(limit, 0);
      sizes.push(plan.removals.size);
      await commit((group) => group.addTrim(plan));
    }
    return sizes;
  };
  return { state, commit, put, carryOut };
}

/** What the log counts for a small event of one of these. */
const SMALL = bytesOf(encodeRecord(event('tasks.0'), 1, 0, 0));
const streams = (count: number) => Array.from({ length: count }, (_, i) => `tasks.${i}`);

t.test('purges of an earlier run that are finished are looked at a few at a time', async (t) => {
  const { state, carryOut } = open(t, {});
  for (const [i, name] of streams(1000).entries()) {
    state.setRow(name, { id: i + 1, published: true, trimmedTo: 5, purgedTo: 5, last: 5 });
    state.trimmer.resumePurge(name);
  }
  t.same(await carryOut(256), [0, 0, 0, 0]);
});

t.test('a plan takes no more than its limit: streams over their own limit', async (t) => {
  const { put, carryOut } = open(t, { eventsPerStream: 1 });
  await put(...streams(4), ...streams(4), ...streams(3));
  t.same(await carryOut(3), [3, 3, 1]);
});

t.test('a plan takes no more than its limit: states that a newer one has taken the place of', async (t) => {
  const { state, put, carryOut } = open(t, { events: 4 });
  await put(...streams(5), 'x', 'x', 'x', 'x');
  t.same(await carryOut(3), [0, 0]);
  t.equal(state.events, 9, 'the latest are kept');
  await put(...streams(4));
  t.same(await carryOut(3), [3, 3, 2], 'four states that are not the latest any more, then four others over the limit');
  t.equal(state.events, 5, 'four that count, and the state that is still the latest');
});

t.test('a plan takes no more than its limit: states that give way to a large one', async (t) => {
  const { state, put, commit, carryOut } = open(t, { bytes: 10 * SMALL });
  await put(...streams(10));
  t.equal(state.bytes, 10 * SMALL);
  for (const stream of ['tasks.a', 'tasks.b']) {
    await commit((group) => group.append([event(stream, 'x'.repeat(9 * SMALL))], undefined));
    t.same(await carryOut(3), stream === 'tasks.a' ? [0, 0, 0, 0] : [3, 3, 3, 1]);
  }
  t.equal(state.events, 2);
  const plan = state.trimmer.plan(3, 0);
  t.same([plan.isFull, plan.removals.size], [false, 0]);
});

t.test('a plan that could not take all states over their limit says that more is due', async (t) => {
  const { state, put, commit, carryOut } = open(t, { bytes: 10 * SMALL });
  await put(...streams(10));
  await commit((group) => group.append([event('tasks.a', 'x'.repeat(9 * SMALL))], undefined));
  await carryOut(100);
  await put('x', 'x');
  const plan = state.trimmer.plan(3, 0);
  t.same([plan.isFull, plan.removals.size], [true, 3]);
});

t.test('a plan that may take nothing says that more is due', async (t) => {
  const { state, put } = open(t, { events: 1 });
  await put('a', 'a');
  const plan = state.trimmer.plan(0, 0);
  t.equal(plan.isFull, true);
  t.equal(plan.removals.size, 0);
});

t.test('a plan that may take many events takes few large ones', async (t) => {
  const { carryOut, commit } = open(t, { bytes: 1 });
  const large = Array.from({ length: 16 }, () => event('a', 'x'.repeat(262_000)));
  for (let i = 0; i < 5; i++) {
    await commit((group) => group.append(large, undefined));
  }
  const [first = 0, ...others] = await carryOut(1000);
  t.ok(first > 60 && first < 70, `${first} events`);
  t.equal(others.length, 1);
});
