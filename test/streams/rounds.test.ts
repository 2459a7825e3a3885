import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { turn } from '../support/clock.js';
import { createHub, type TestHub, type Watcher } from '../support/hub.js';

/** So many that one event takes many turns of the event loop. */
const MANY = 320;
/** Served in each, while one event waits. */
const SHARE = 16;

const dataOf = ({ events }: Watcher) => events.map(({ data }) => data);
const writesTo = (watchers: readonly Watcher[]) => watchers.map(({ sink }) => sink.chunks.length);

/** A hub with a crowd, of whom the first 16 have been given the first event. */
async function inRound(options?: Parameters<typeof createHub>[0]): Promise<{ hub: TestHub; crowd: Watcher[] }> {
  const hub = createHub(options);
  const crowd = Array.from({ length: MANY }, () => hub.watch('a'));
  await hub.bus.publish({ stream: 'a', data: 1 });
  await setImmediate();
  return { hub, crowd };
}

/** Resolves when nobody is waiting for an event any more. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < (2 * MANY) / SHARE; turns++) {
    await setImmediate();
  }
}

function split(crowd: readonly Watcher[]): { served: Watcher[]; waiting: Watcher[] } {
  return {
    served: crowd.filter((watcher) => dataOf(watcher).length > 0),
    waiting: crowd.filter((watcher) => dataOf(watcher).length === 0),
  };
}

t.test('an event goes to a share of a large audience in each turn of the event loop', async (t) => {
  const { hub, crowd } = await inRound();
  t.equal(split(crowd).served.length, SHARE);
  const before = hub.streams.traffic.deliveries;
  t.equal(before, SHARE);
  await settled();
  t.equal(split(crowd).served.length, MANY);
  t.equal(hub.streams.traffic.deliveries, MANY);
});

t.test('which is one share, while nothing else takes long', async (t) => {
  // This process may have to wait for the processor, which looks like other work; hardly every time.
  const turns: number[] = [];
  for (let attempt = 0; attempt < 20; attempt++) {
    const { hub } = await inRound();
    let count = 1;
    // Asked for in a way that takes no time, which would be other work.
    while (hub.streams.traffic.deliveries < MANY) {
      await setImmediate();
      count++;
    }
    turns.push(count);
  }
  t.ok(Math.max(...turns) > MANY / SHARE / 2, turns.join());
});

t.test('what is published meanwhile goes along with those not served yet, in one write', async (t) => {
  const { hub, crowd } = await inRound();
  const { served, waiting } = split(crowd);
  const [before, beforeWaiting] = [writesTo(served), writesTo(waiting)];
  await hub.bus.publish({ stream: 'a', data: 2 });
  await settled();
  t.same(new Set(crowd.map((watcher) => dataOf(watcher).join())), new Set(['1,2']));
  t.same(
    writesTo(waiting),
    beforeWaiting.map((count) => count + 1),
  );
  t.same(
    writesTo(served),
    before.map((count) => count + 1),
    'the others get it by itself',
  );
  const [first, second] = waiting.map(({ sink }) => sink.chunks.at(-1));
  t.equal(first, second, 'the same bytes');
});

t.test('who comes meanwhile has missed nothing and gets nothing twice', async (t) => {
  const { hub } = await inRound();
  const [late, again] = [hub.watch('a'), hub.watch('a', { cursor: hub.log.cursorAt(0) })];
  t.same([late, again].map(dataOf), [[], ['1']]);
  await hub.bus.publish({ stream: 'a', data: 2 });
  await settled();
  t.same([late, again].map(dataOf), [['2'], ['1', '2']]);
});

t.test('who leaves meanwhile keeps nobody from their turn', async (t) => {
  const { hub, crowd } = await inRound();
  const { served, waiting } = split(crowd);
  const leaving = [...served.slice(0, 3), ...waiting.slice(0, 3), ...waiting.slice(-3)];
  for (const { sink } of leaving) {
    sink.destroy();
  }
  await hub.bus.publish({ stream: 'a', data: 2 });
  await settled();
  const staying = crowd.filter((watcher) => !leaving.includes(watcher));
  t.same(new Set(staying.map((watcher) => dataOf(watcher).join())), new Set(['1,2']));
});

t.test('who is ended meanwhile gets everything before', async (t) => {
  const { hub, crowd } = await inRound({ registry: { maxConnectionAgeMs: 1000 } });
  await hub.bus.publish({ stream: 'a', data: 2 });
  await hub.clock.advance(1000);
  t.same(new Set(crowd.map(({ summary }) => summary?.reason)), new Set(['age']));
  t.same(new Set(crowd.map((watcher) => dataOf(watcher).join())), new Set(['1,2']));
});

t.test('a heartbeat comes after the events before it, and changes nothing for the others', async (t) => {
  const { hub, crowd } = await inRound();
  await hub.clock.advance(15_000);
  await hub.bus.publish({ stream: 'a', data: 2 });
  await settled();
  t.same(new Set(crowd.map((watcher) => dataOf(watcher).join())), new Set(['1,2']));
  const order = new Set(crowd.map(({ messages }) => messages.map(({ event, data }) => event ?? data).join()));
  t.same(order, new Set(['connected,1,heartbeat,2']));
});

t.test('nor does one that finds its watcher slow', async (t) => {
  const hub = createHub({ registry: { maxBufferedBytes: 1000 } });
  const crowd = Array.from({ length: MANY }, () => hub.watch('a'));
  const stalled = hub.watch('a', { stalled: true });
  await hub.bus.publish({ stream: 'a', data: 'x'.repeat(2000) });
  await settled();
  await hub.bus.publish({ stream: 'a', data: 1 });
  await setImmediate();
  await hub.clock.advance(15_000);
  await settled();
  t.equal(stalled.summary?.reason, 'slow');
  t.equal(
    stalled.summary?.bytes,
    stalled.sink.chunks.reduce((sum, { length }) => sum + length, 0),
  );
  t.same(new Set(crowd.map(({ events }) => events.length)), new Set([2]));
});

t.test('a watcher that is the first again, while the last one left in the middle, gets what is for it', async (t) => {
  const { hub, crowd } = await inRound();
  for (const { sink } of crowd) {
    sink.destroy();
  }
  await turn();
  const watcher = hub.watch('a', { cursor: hub.log.cursorAt(0) });
  await hub.bus.publish({ stream: 'a', data: 2 });
  await settled();
  t.same(dataOf(watcher), ['1', '2']);
});

t.test('a stop does not wait for the turns', async (t) => {
  const { hub, crowd } = await inRound();
  await hub.bus.publish({ stream: 'a', data: 2 });
  await hub.streams.close(1000);
  t.same(new Set(crowd.map((watcher) => dataOf(watcher).join())), new Set(['1,2']));
  t.same(new Set(crowd.map(({ summary }) => summary?.reason)), new Set(['shutdown']));
});

const full = [
  { name: 'many events', events: 128, data: 'x' },
  { name: 'a large event', events: 1, data: 'x'.repeat(64 * 1024) },
  { name: 'events that are large together', events: 8, data: 'x'.repeat(8 * 1024) },
];
for (const { name, events, data } of full) {
  t.test(`${name}: to everybody at once`, async (t) => {
    const hub = createHub();
    const crowd = Array.from({ length: MANY }, () => hub.watch('a'));
    await hub.bus.publishBatch(Array.from({ length: events }, () => ({ stream: 'a', data })));
    await setImmediate();
    t.same(new Set(crowd.map((watcher) => dataOf(watcher).length)), new Set([events]));
    await hub.bus.publish({ stream: 'a', data: 'x' });
    await setImmediate();
    t.equal(crowd.filter((watcher) => dataOf(watcher).length > events).length, SHARE, 'the next goes round again');
  });
}

/** Watchers of whom no two want the same, but all want `a`. */
const watchApart = (hub: TestHub) => Array.from({ length: MANY }, (_, i) => hub.watch(`a,own.${i}`));

t.test('an event that many selections want goes to a share of them in each turn', async (t) => {
  const hub = createHub();
  const crowd = watchApart(hub);
  await hub.bus.publish({ stream: 'a', data: 1 });
  await setImmediate();
  t.equal(split(crowd).served.length, SHARE);
  const before = writesTo(split(crowd).waiting);
  const { waiting } = split(crowd);
  await hub.bus.publish({ stream: 'a', data: 2 });
  await settled();
  t.same(new Set(crowd.map((watcher) => dataOf(watcher).join())), new Set(['1,2']));
  t.same(
    writesTo(waiting),
    before.map((count) => count + 1),
    'both in one write, for those whose turn was still to come',
  );
});

t.test('and to all of them at once when much waits', async (t) => {
  const hub = createHub();
  const crowd = watchApart(hub);
  await hub.bus.publishBatch(Array.from({ length: 128 }, () => ({ stream: 'a', data: 1 })));
  await setImmediate();
  t.same(new Set(crowd.map((watcher) => dataOf(watcher).length)), new Set([128]));
});

t.test('and to all of them before a stop', async (t) => {
  const hub = createHub();
  const crowd = watchApart(hub);
  await hub.bus.publish({ stream: 'a', data: 1 });
  await hub.streams.close(1000);
  t.same(new Set(crowd.map((watcher) => dataOf(watcher).join())), new Set(['1']));
});

t.test('a small audience waits for a share of a large one, not for all of it', async (t) => {
  const { hub } = await inRound();
  const few = Array.from({ length: 3 }, () => hub.watch('b'));
  await hub.bus.publish({ stream: 'b', data: 1 });
  await setImmediate();
  await setImmediate();
  t.same(few.map(dataOf), [['1'], ['1'], ['1']]);
});

t.test('a turn that fails keeps nobody else from theirs', async (t) => {
  const failed: Error[] = [];
  process.setUncaughtExceptionCaptureCallback((error) => failed.push(error));
  t.teardown(() => process.setUncaughtExceptionCaptureCallback(null));
  const hub = createHub({ registry: { maxBufferedBytes: 1000 } });
  hub.streams.once('unwatched', () => {
    throw new Error('of whoever embeds it');
  });
  hub.watch('a,b', { stalled: true });
  const crowd = Array.from({ length: MANY }, () => hub.watch('a'));
  await hub.bus.publish({ stream: 'b', data: 'x'.repeat(2000) });
  await settled();
  await hub.bus.publish({ stream: 'a', data: 1 });
  await settled();
  t.same(
    failed.map(({ message }) => message),
    ['of whoever embeds it'],
  );
  t.same(new Set(crowd.map((watcher) => dataOf(watcher).join())), new Set(['1']));
});

t.test('other work slows a round down to half its speed at most, however long its turns', async (t) => {
  const { crowd } = await inRound();
  const until = performance.now() + 500;
  while (performance.now() < until) {}
  await setImmediate();
  t.equal(split(crowd).waiting.length, 0);
});

t.test('one that reads nothing is found, however the turns fall', async (t) => {
  const hub = createHub();
  const stalled = hub.watch('a', { stalled: true });
  const crowd = Array.from({ length: MANY }, () => hub.watch('a'));
  for (let second = 0; second <= 31; second++) {
    await hub.bus.publish({ stream: 'a', data: second });
    await hub.clock.advance(1000);
  }
  await turn();
  t.equal(stalled.summary?.reason, 'slow');
  t.same(new Set(crowd.map(({ summary }) => summary)), new Set([undefined]));
});
