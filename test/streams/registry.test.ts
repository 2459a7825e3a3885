import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { START, turn } from '../support/clock.js';
import { createReader, readFrames } from '../support/frames.js';
import { createHub } from '../support/hub.js';
import { TestSink } from '../support/test-sink.js';

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

t.test('whoever is refused is to come back over a longer time', async (t) => {
  const hub = createHub({ registry: { retryMs: 1000 } });
  const times = Array.from({ length: 100 }, () => {
    const reader = createReader();
    hub.streams.refuse(new TestSink(reader.feed), 'plain', { code: 'SLUICE_TOO_MANY_CONNECTIONS', message: 'later' });
    return reader.retries[0] ?? 0;
  });
  t.ok(Math.min(...times) >= 1000 && Math.max(...times) <= 4000);
  t.ok(Math.max(...times) > 2000);
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

t.test('a name is watched until the last selection that has it is left', async (t) => {
  const hub = createHub();
  const [both, one] = [hub.watch('a,b'), hub.watch('a')];
  both.sink.destroy();
  await turn();
  t.strictSame(hub.streams.watchedNames('', '', 10), ['a']);
  one.sink.destroy();
  await turn();
  t.strictSame(hub.streams.watchedNames('', '', 10), []);
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

t.test('watchers that have left are let go of, whatever watched over them', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const hub = createHub({ registry: { maxConnectionAgeMs: 3_600_000 } });
  const key = new AbortController();
  const lease = { revoked: key.signal, expiresAt: START + 3_600_000 };
  await hub.bus.publish({ stream: 'a', data: 1 });
  const left = [{}, { lease }, { stalled: true }, { cursor: hub.log.cursorAt(0) }].map((options) => {
    const { sink } = hub.watch('a', options);
    sink.destroy();
    return new WeakRef(sink);
  });
  await hub.clock.advance(60_000);
  // A weak reference holds until the end of its turn.
  await turn();
  collect();
  t.same(
    left.map((sink) => sink.deref()),
    left.map(() => undefined),
  );
});
