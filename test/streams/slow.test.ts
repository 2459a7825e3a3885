import t from 'tap';
import { STALL_MS } from '../../src/streams/ends/backpressure.js';
import { turn } from '../support/clock.js';
import { createHub, type TestHub } from '../support/hub.js';

const LIMIT = 100_000;
const text = 'x'.repeat(30_000);

async function publish(hub: TestHub, turns: number): Promise<void> {
  for (let i = 0; i < turns; i++) {
    await hub.bus.publish({ stream: 'a', data: text });
    await turn();
  }
}

t.test('a watcher with too much unsent from earlier turns is cut off, and the others are not', async (t) => {
  const hub = createHub({ registry: { maxBufferedBytes: LIMIT } });
  const [before, slow, after] = [hub.watch('a'), hub.watch('a', { stalled: true }), hub.watch('a')];
  await publish(hub, 4);
  t.equal(slow.sink.state, 'open', 'the last write may go over the limit');
  t.ok(slow.sink.unsent > LIMIT);
  await publish(hub, 1);
  t.equal(slow.sink.state, 'destroyed');
  t.match(slow.summary, { reason: 'slow', events: 5 }, 'with those of the turn that was too much');
  t.equal(hub.streams.closed.slow, 1);
  await publish(hub, 1);
  for (const { events, sink } of [before, after]) {
    t.equal(events.length, 6);
    t.equal(sink.state, 'open');
  }
  t.equal(hub.streams.size, 2);
  t.equal(hub.streams.watchers('a'), 2);
});

t.test('one turn may queue any amount', async (t) => {
  const hub = createHub({ registry: { maxBufferedBytes: LIMIT } });
  const watcher = hub.watch('a', { stalled: true });
  await hub.bus.publishBatch(Array.from({ length: 20 }, () => ({ stream: 'a', data: text })));
  await turn();
  t.equal(watcher.sink.state, 'open');
  watcher.sink.isFlowing = true;
  watcher.sink.drain();
  await publish(hub, 1);
  t.equal(watcher.events.length, 21);
});

t.test('a slow watcher comes back with its cursor and loses nothing', async (t) => {
  const hub = createHub({ registry: { maxBufferedBytes: LIMIT } });
  const slow = hub.watch('a', { stalled: true });
  await publish(hub, 2);
  slow.sink.drain(45_000);
  await publish(hub, 5);
  t.equal(slow.summary?.reason, 'slow');
  t.equal(slow.events.length, 1, 'half an event is none');
  const again = hub.watch('a', { cursor: slow.cursor });
  await turn();
  t.equal(again.verdict.resume, 'exact');
  t.same(
    [...slow.events, ...again.events].map(({ id }) => id),
    [1, 2, 3, 4, 5, 6, 7].map((pos) => hub.log.cursorAt(pos)),
  );
});

t.test('a watcher that takes nothing for 30 s is cut off', async (t) => {
  const hub = createHub();
  const stalled = hub.watch('a', { stalled: true });
  await publish(hub, 1);
  await hub.clock.advance(STALL_MS - 2000);
  t.equal(stalled.sink.state, 'open');
  await hub.clock.advance(4000);
  t.equal(stalled.summary?.reason, 'slow');
  t.ok((stalled.summary?.durationMs ?? 0) <= STALL_MS + 2000);
});

t.test('a newcomer that takes not even its first frame is cut off as soon', async (t) => {
  const hub = createHub();
  const stalled = hub.watch('a', { stalled: true });
  await hub.clock.advance(STALL_MS + 1000);
  t.equal(stalled.summary?.reason, 'slow');
});

t.test('a watcher that takes a little now and then is not', async (t) => {
  const hub = createHub();
  const watcher = hub.watch('a', { stalled: true });
  await publish(hub, 1);
  for (let i = 0; i < 10; i++) {
    watcher.sink.drain(10);
    await hub.clock.advance(STALL_MS - 5000);
  }
  t.equal(watcher.sink.state, 'open');
  await hub.clock.advance(10_000);
  t.equal(watcher.summary?.reason, 'slow', 'until it takes nothing for 30 s');
});

t.test('a correction of the time of day makes nobody slow, nor lets anybody off', async (t) => {
  const hub = createHub();
  const stalled = hub.watch('a', { stalled: true });
  await publish(hub, 1);
  hub.clock.correct(10 * STALL_MS);
  await hub.clock.advance(STALL_MS - 2000);
  t.equal(stalled.sink.state, 'open');
  hub.clock.correct(-10 * STALL_MS);
  await hub.clock.advance(4000);
  t.equal(stalled.summary?.reason, 'slow');
});

t.test('an end that does not get through is cut off too', async (t) => {
  const hub = createHub({ registry: { maxConnectionAgeMs: 60_000, heartbeatIntervalMs: 600_000 } });
  const stalled = hub.watch('a');
  stalled.sink.isFlowing = false;
  await hub.clock.advance(60_000);
  t.equal(stalled.sink.state, 'open', 'its farewell is still unsent');
  await hub.clock.advance(STALL_MS + 2000);
  t.equal(stalled.sink.state, 'destroyed');
  t.equal(stalled.summary?.reason, 'age', 'what began its end is why it ended');
});

t.test('no timer watches over connections that keep up', async (t) => {
  const hub = createHub();
  const idle = hub.clock.timers();
  const watcher = hub.watch('a');
  const watched = hub.clock.timers();
  watcher.sink.isFlowing = false;
  await publish(hub, 1);
  t.equal(hub.clock.timers(), watched + 1);
  watcher.sink.drain();
  await hub.clock.advance(1000);
  t.equal(hub.clock.timers(), watched);
  watcher.sink.destroy();
  await turn();
  t.equal(hub.clock.timers(), idle);
});

t.test('a watcher too slow for its heartbeats is cut off without anything being published', async (t) => {
  const hub = createHub({ registry: { maxBufferedBytes: 50, heartbeatIntervalMs: 1000 } });
  const slow = hub.watch('a', { stalled: true });
  await hub.clock.advance(1000);
  t.equal(slow.summary?.reason, 'slow');
});

t.test('a watcher that takes nothing is cut off after all such before it have gone', async (t) => {
  const hub = createHub({ registry: { heartbeatIntervalMs: 10 * STALL_MS } });
  hub.watch('a', { stalled: true }).sink.destroy();
  await turn();
  const next = hub.watch('a', { stalled: true });
  await hub.clock.advance(STALL_MS + 2000);
  t.equal(next.summary?.reason, 'slow');
});

t.test('whoever is found too slow when its heartbeat is due gets none', async (t) => {
  const hub = createHub({ registry: { maxBufferedBytes: 50, heartbeatIntervalMs: 1000 } });
  const slow = hub.watch('a', { stalled: true });
  void hub.bus.publish({ stream: 'a', data: 1 });
  await hub.clock.advance(1000);
  const bytes = slow.sink.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  t.match(slow.summary, { reason: 'slow', events: 1, bytes });
});
