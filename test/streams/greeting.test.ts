import t from 'tap';
import { START, turn } from '../support/clock.js';
import { createHub, type Watcher } from '../support/hub.js';

t.test('the first frame greets: the effective streams, the verdict, the cursor, when to come back', async (t) => {
  const hub = createHub();
  await hub.bus.publish({ stream: 'a', data: 1 });
  const watcher = hub.watch('b,a,x.y,x.*,a');
  const id = hub.log.cursorAt(1);
  const [connected] = watcher.messages;
  t.match(connected, { event: 'connected', id });
  t.same(JSON.parse(connected?.data ?? ''), {
    message: 'Connected to SSE stream',
    timestamp: START,
    resume: 'fresh',
    streams: ['a', 'b', 'x.*'],
    cursor: id,
    heartbeatMs: 15_000,
  });
  t.equal(watcher.messages.length, 1);
});

t.test('in the envelope the greeting is one too', async (t) => {
  const hub = createHub();
  const [connected] = hub.watch('a', { format: 'envelope' }).messages;
  t.equal(connected?.event, undefined);
  const { type, data } = JSON.parse(connected?.data ?? '');
  t.equal(type, 'connected');
  t.match(data, { resume: 'fresh', cursor: connected?.id, heartbeatMs: 15_000 });
  t.same(data.streams, ['a']);
});

t.test('the reconnection time differs from watcher to watcher, around the one set', async (t) => {
  const hub = createHub({ registry: { retryMs: 1000 } });
  const times = Array.from({ length: 200 }, () => hub.watch('a').retries[0] ?? 0);
  t.ok(times.every((ms) => Number.isInteger(ms) && ms >= 500 && ms <= 1500));
  t.ok(new Set(times).size > 50);
});

t.test('who starts live gets the state of each state stream first, without an id', async (t) => {
  const hub = createHub();
  for (const [stream, data] of [
    ['stock', 'old'],
    ['tasks.1', 'state'],
    ['other', 'none'],
    ['stock', 'new'],
  ] as const) {
    await hub.bus.publish({ stream, data });
  }
  for (const options of [{}, { cursor: 'nonsense' }]) {
    const watcher = hub.watch('*', options);
    t.same(
      watcher.messages.slice(1).map(({ id, data }) => ({ id, data })),
      [
        { id: undefined, data: 'state' },
        { id: undefined, data: 'new' },
      ],
    );
    t.equal(watcher.cursor, `${hub.log.cursorAt(4)}~`, 'the cursor stays');
  }
  t.equal(hub.watch('other').messages.length, 1, 'only chosen streams');
  t.match(JSON.parse(hub.watch('stock', { format: 'envelope' }).messages[1]?.data ?? ''), {
    stream: 'stock',
    data: 'new',
  });
});

t.test('who is replayed to gets no state besides', async (t) => {
  const hub = createHub();
  await hub.bus.publish({ stream: 'stock', data: 1 });
  t.equal(hub.watch('stock', { cursor: hub.log.cursorAt(1) }).messages.length, 1);
  const [, ...replayed] = hub.watch('stock', { last: 5 }).messages;
  t.same(replayed, [{ id: hub.log.cursorAt(1), event: undefined, data: '1' }]);
});

t.test('who is cut off before the current state has come gets it when it comes back, and what it missed', async (t) => {
  const hub = createHub();
  await hub.bus.publishBatch(['tasks.a', 'tasks.b', 'tasks.c', 'x'].map((stream) => ({ stream, data: `${stream} 1` })));
  const cut = hub.watch('tasks.*,x', { stalled: true });
  while (cut.messages.length < 2) {
    cut.sink.drain(1);
  }
  cut.sink.destroy();
  t.equal(cut.cursor, `${hub.log.cursorAt(4)}~`);
  await hub.bus.publish({ stream: 'x', data: 'x 2' });
  await hub.bus.publish({ stream: 'tasks.b', data: 'tasks.b 2' });
  const again = hub.watch('tasks.*,x', { cursor: cut.cursor });
  t.same(again.verdict, { resume: 'exact' });
  const [connected, ...others] = again.messages;
  t.equal(connected?.id, cut.cursor, 'cut off again, it would get it again');
  t.same(
    others.map(({ id, data }) => [id, data]),
    [
      [undefined, 'tasks.a 1'],
      [undefined, 'tasks.c 1'],
      [hub.log.cursorAt(5), 'x 2'],
      [hub.log.cursorAt(6), 'tasks.b 2'],
    ],
    'a state that has a newer one comes as an event alone',
  );
});

t.test('once something has come after the current state, it is not sent again', async (t) => {
  const hub = createHub();
  await hub.bus.publish({ stream: 'stock', data: 1 });
  const watcher = hub.watch('stock');
  t.equal(watcher.cursor, `${hub.log.cursorAt(1)}~`);
  await hub.clock.advance(15_000);
  t.equal(watcher.cursor, hub.log.cursorAt(1), 'of the heartbeat');
  t.equal(hub.watch('stock', { cursor: watcher.cursor }).messages.length, 1);
});

for (const [why, cursor, reason] of [
  ['of another history', 'AAAAAAAAAAA.1~', 'epoch'],
  ['that has two marks', 'AAAAAAAAAAA.1~~', 'malformed'],
] as const) {
  t.test(`a marked cursor ${why} is a gap, and the current state follows`, async (t) => {
    const hub = createHub();
    await hub.bus.publish({ stream: 'stock', data: 1 });
    const watcher = hub.watch('stock', { cursor });
    t.same(watcher.verdict, { resume: 'gap', reason });
    t.same(statesOf(watcher), [1]);
    t.equal(watcher.cursor, `${hub.log.cursorAt(1)}~`);
  });
}

const KIB = 1024;

/** A hub in which these many state streams have an event of about so many bytes each, and where half of `maxBufferedBytes` is 50 KiB. */
async function createStateHub(sizes: readonly number[]) {
  const hub = createHub({ registry: { maxBufferedBytes: 100 * KIB } });
  await hub.bus.publishBatch(sizes.map((size, i) => ({ stream: `tasks.${i}`, data: `${i} ${'x'.repeat(size)}` })));
  return hub;
}

function statesOf({ messages }: Watcher): number[] {
  return messages.slice(1).map(({ data }) => Number.parseInt(data, 10));
}

t.test('the states together take half of what may be unsent at most: the newest of them', async (t) => {
  const hub = await createStateHub(Array.from({ length: 20 }, () => 9 * KIB));
  t.same(statesOf(hub.watch('tasks.*')), [15, 16, 17, 18, 19]);
  t.same(statesOf(hub.watch('tasks.*', { format: 'envelope' })).length, 5);
  const stalled = hub.watch('tasks.*', { stalled: true });
  t.ok(stalled.sink.unsent <= 51 * KIB, `${stalled.sink.unsent} bytes`);
  await hub.bus.publish({ stream: 'tasks.0', data: '0' });
  await turn();
  t.equal(stalled.sink.state, 'open', 'and a healthy watcher is not slow before it could read them');
  stalled.sink.drain();
  t.same(statesOf(stalled), [15, 16, 17, 18, 19, 0], 'what is left out comes with its next event');
});

t.test('a state that does not fit is passed over for older ones that do', async (t) => {
  const hub = await createStateHub([30 * KIB, 1, 60 * KIB, 30 * KIB]);
  t.same(statesOf(hub.watch('tasks.*')), [1, 3]);
});

t.test('little more is read than could be sent', async (t) => {
  const hub = await createStateHub(Array.from({ length: 60 }, () => 30 * KIB));
  let read = 0;
  const { latestStates } = hub.log;
  hub.log.latestStates = function* (...args) {
    for (const state of latestStates.apply(hub.log, args)) {
      read += state.json.length;
      yield state;
    }
  };
  t.same(statesOf(hub.watch('tasks.*')), [59]);
  t.ok(read <= 130 * KIB, `${read} bytes`);
});

t.test('a hundred states are the most', async (t) => {
  const hub = createHub();
  await hub.bus.publishBatch(Array.from({ length: 120 }, (_, i) => ({ stream: `tasks.${i}`, data: i })));
  const states = hub.watch('tasks.*').messages.slice(1);
  t.equal(states.length, 100);
  t.same([states[0]?.data, states[99]?.data], ['20', '119'], 'the newest');
});
