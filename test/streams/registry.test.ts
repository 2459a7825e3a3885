import t from 'tap';
import { START, turn } from '../support/clock.js';
import { readFrames } from '../support/frames.js';
import { createHub } from '../support/hub.js';
import { TestSink } from '../support/test-sink.js';

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
  });
  t.equal(watcher.messages.length, 1);
});

t.test('in the envelope the greeting is one too', async (t) => {
  const hub = createHub();
  const [connected] = hub.watch('a', { format: 'envelope' }).messages;
  t.equal(connected?.event, undefined);
  t.match(JSON.parse(connected?.data ?? ''), { type: 'connected', data: { resume: 'fresh', streams: ['a'] } });
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
  for (const [options, cursor] of [
    [{}, 4],
    [{ cursor: 'nonsense' }, 4],
  ] as const) {
    const watcher = hub.watch('*', options);
    t.same(
      watcher.messages.slice(1).map(({ id, data }) => ({ id, data })),
      [
        { id: undefined, data: 'state' },
        { id: undefined, data: 'new' },
      ],
    );
    t.equal(watcher.cursor, hub.log.cursorAt(cursor), 'the cursor stays');
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
  t.match(hub.watch('stock', { last: 5 }).messages.slice(1), [{ id: hub.log.cursorAt(1) }]);
});

t.test('a hundred states are the most', async (t) => {
  const hub = createHub();
  await hub.bus.publishBatch(Array.from({ length: 120 }, (_, i) => ({ stream: `tasks.${i}`, data: i })));
  const states = hub.watch('tasks.*').messages.slice(1);
  t.equal(states.length, 100);
  t.same([states[0]?.data, states[99]?.data], ['20', '119'], 'the newest');
});

t.test('one connection too many is refused, until another leaves', async (t) => {
  const hub = createHub({ registry: { maxConnections: 2 } });
  t.equal(hub.streams.refusal(), undefined);
  const [one] = [hub.watch('a'), hub.watch('b')];
  t.match(hub.streams.refusal(), { code: 'SLUICE_TOO_MANY_CONNECTIONS' });
  one.sink.destroy();
  await turn();
  t.equal(hub.streams.refusal(), undefined);
});

t.test('a refusal says why and when to come back, sets no cursor, and ends', async (t) => {
  const hub = createHub({ registry: { retryMs: 1000 } });
  hub.streams.stopAccepting();
  const refusal = hub.streams.refusal();
  if (refusal?.code !== 'SLUICE_SHUTTING_DOWN') {
    t.fail('nothing is refused');
    return;
  }
  for (const format of ['plain', 'envelope'] as const) {
    const received: Buffer[] = [];
    const sink = new TestSink((chunk) => received.push(chunk));
    hub.streams.refuse(sink, format, refusal);
    t.equal(sink.state, 'ended');
    const [message, ...others] = readFrames(...received);
    t.same(others, []);
    t.equal(message?.id, undefined);
    const data = JSON.parse(message?.data ?? '');
    t.match(format === 'plain' ? { type: message?.event, data } : data, { type: 'refused', data: refusal });
    const [, ms] = /^retry: (\d+)\n/.exec(received.join('')) ?? [];
    t.ok(Number(ms) >= 1000 && Number(ms) <= 4000);
  }
  t.match(hub.streams.refused, { SLUICE_SHUTTING_DOWN: 2, SLUICE_TOO_MANY_CONNECTIONS: 0 });
  t.equal(hub.streams.size, 0);
});

t.test('closing delivers what is committed, ends every stream properly, and waits for it', async (t) => {
  const hub = createHub({ registry: { retryMs: 1000 } });
  const [quick, slow] = [hub.watch('a'), hub.watch('a', { stalled: true })];
  void hub.bus.publish({ stream: 'a', data: 'last words' });
  let isClosed = false;
  const closing = hub.streams.close(5000).then(() => {
    isClosed = true;
  });
  await turn();
  t.match(quick.events, [{ data: 'last words' }]);
  t.match(quick.summary, { reason: 'shutdown', events: 1 });
  t.equal(quick.sink.state, 'ended');
  t.equal(isClosed, false);
  slow.sink.drain();
  await closing;
  t.match(slow.events, [{ data: 'last words' }]);
  t.match(slow.summary, { reason: 'shutdown' });
  t.same(hub.streams.closed.shutdown, 2);
});

t.test('closing cuts off who does not take the end in time', async (t) => {
  const hub = createHub();
  const stuck = hub.watch('a', { stalled: true });
  const closing = hub.streams.close(5000);
  await hub.clock.advance(4999);
  t.equal(stuck.sink.state, 'open');
  await hub.clock.advance(1);
  await closing;
  t.match(stuck.summary, { reason: 'shutdown' });
  t.equal(stuck.sink.state, 'destroyed');
});

t.test('those who are sent away all at once come back over a longer time', async (t) => {
  const hub = createHub({ registry: { retryMs: 1000 } });
  const watchers = Array.from({ length: 100 }, () => hub.watch('a'));
  await hub.streams.close(5000);
  const times = watchers.map(({ retries }) => retries[1] ?? 0);
  t.ok(Math.min(...times) >= 1000 && Math.max(...times) <= 4000);
  t.ok(Math.max(...times) > 3000);
});

t.test('closing without watchers is done at once', async (t) => {
  const hub = createHub();
  await hub.streams.close(5000);
  t.equal(hub.streams.isClosing, true);
});

t.test('a stream ends properly at its age, a little before or at it', async (t) => {
  const hub = createHub({ registry: { maxConnectionAgeMs: 100_000 } });
  const watchers = Array.from({ length: 50 }, () => hub.watch('a'));
  await hub.clock.advance(89_000);
  t.equal(hub.streams.size, 50);
  await hub.clock.advance(5000);
  t.ok(hub.streams.size > 0 && hub.streams.size < 50, 'with jitter');
  await hub.clock.advance(7000);
  t.equal(hub.streams.size, 0);
  for (const { summary, sink, retries } of watchers) {
    t.match(summary, { reason: 'age' });
    t.equal(sink.state, 'ended');
    t.equal(retries.length, 2);
  }
});

t.test('an end in the turn of an event loses nothing', async (t) => {
  const hub = createHub({ registry: { maxConnectionAgeMs: 1000 } });
  const watcher = hub.watch('a');
  void hub.bus.publish({ stream: 'a', data: 1 });
  await hub.clock.advance(1000);
  t.equal(watcher.summary?.reason, 'age');
  const again = hub.watch('a', { cursor: watcher.cursor });
  t.match(again.verdict, { resume: 'exact' });
  t.equal(watcher.events.length + again.events.length, 1);
});

t.test('a summary counts the events and bytes of this connection alone', async (t) => {
  const hub = createHub();
  hub.watch('a');
  await hub.bus.publish({ stream: 'a', data: 'before' });
  await turn();
  const watcher = hub.watch('a', { cursor: hub.log.cursorAt(0) });
  await hub.bus.publishBatch([
    { stream: 'a', data: 1 },
    { stream: 'a', data: 2 },
    { stream: 'b', data: 3 },
  ]);
  await hub.clock.advance(1234);
  watcher.sink.destroy();
  await turn();
  const bytes = watcher.sink.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  t.same(watcher.summary, { reason: 'client', durationMs: 1234, events: 3, bytes });
});

t.test('a publisher is told how many watchers each event or batch was queued to', async (t) => {
  const hub = createHub();
  for (const selection of ['a', 'a', 'a,b', '*', 'b']) {
    hub.watch(selection);
  }
  t.match(await hub.bus.publish({ stream: 'a', data: 1 }), { subscribers: 4 });
  t.match(await hub.bus.publish({ stream: 'z', data: 1 }), { subscribers: 1 });
  const batch = ['a', 'b', 'a'].map((stream) => ({ stream, data: 1 }));
  t.match(await hub.bus.publishBatch(batch), { subscribers: 5 });
  t.equal(hub.streams.watchers('a'), 4);
  t.equal(hub.streams.watchers('b'), 3);
  t.strictSame(hub.streams.watchedNames('', '', 10), ['a', 'b']);
});

t.test('the first watcher of a selection and the last are announced', async (t) => {
  const hub = createHub();
  const told: string[] = [];
  hub.streams.on('watched', ({ selection }) => told.push(`+${selection.key}`));
  hub.streams.on('unwatched', ({ selection }) => told.push(`-${selection.key}`));
  const watchers = [hub.watch('a,b'), hub.watch('b,a'), hub.watch('a')];
  for (const { sink } of watchers) {
    sink.destroy();
    await turn();
  }
  t.same(told, ['+a,b', '+a', '-a,b', '-a']);
});

t.test('traffic is counted', async (t) => {
  const hub = createHub();
  hub.watch('a');
  hub.watch('*');
  await hub.bus.publishBatch([
    { stream: 'a', data: 1 },
    { stream: 'b', data: 1 },
  ]);
  await turn();
  t.match(hub.streams.traffic, { events: 2, deliveries: 3 });
});

t.test('watchers of one selection leave in any order, and the others go on', async (t) => {
  for (const order of [
    [0, 1, 2, 3],
    [0, 3, 1, 2],
    [3, 2, 1, 0],
    [1, 3, 0, 2],
  ]) {
    const hub = createHub();
    const watchers = order.map(() => hub.watch('a'));
    for (const [gone, leaving] of order.entries()) {
      watchers[leaving]?.sink.destroy();
      await turn();
      t.match(await hub.bus.publish({ stream: 'a', data: 1 }), { subscribers: order.length - gone - 1 });
      await turn();
    }
    t.same(
      order.map((leaving) => watchers[leaving]?.events.length),
      [0, 1, 2, 3],
    );
  }
});

t.test('leaving watchers leave nothing behind', async (t) => {
  const hub = createHub();
  const timers = hub.clock.timers();
  for (let i = 0; i < 500; i++) {
    const { sink } = hub.watch(`s${i},p${i}.*`);
    sink.destroy();
  }
  await turn();
  t.equal(hub.clock.timers(), timers);
  t.equal(hub.streams.size, 0);
  t.strictSame(hub.streams.watchedNames('', '', 10), []);
  t.equal(hub.streams.watchers('p1.x'), 0);
});
