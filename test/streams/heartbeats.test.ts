import t from 'tap';
import type { Connection } from '../../src/streams/connection.js';
import { Heartbeats } from '../../src/streams/heartbeats.js';
import { createTestClock, START, turn } from '../support/clock.js';
import { createHub } from '../support/hub.js';

const INTERVAL_MS = 15_000;
const isHeartbeat = ({ event }: { event?: string | undefined }) => event === 'heartbeat';

t.test(
  'a thousand connections get their first after half an interval to a whole one, then one each interval',
  async (t) => {
    const clock = createTestClock();
    const beats = new Map<Connection, number[]>();
    const heartbeats = new Heartbeats(clock, INTERVAL_MS, (connections) => {
      for (const connection of connections) {
        beats.set(connection, [...(beats.get(connection) ?? []), clock.now() - START]);
      }
    });
    const connections = Array.from({ length: 1000 }, () => ({}) as Connection);
    for (const connection of connections) {
      heartbeats.add(connection);
    }
    await clock.advance(3.5 * INTERVAL_MS);
    t.equal(beats.size, 1000);
    for (const [first = 0, second = 0, third = 0] of beats.values()) {
      if (
        first < INTERVAL_MS / 2 ||
        first > INTERVAL_MS ||
        second - first !== INTERVAL_MS ||
        third - second !== INTERVAL_MS
      ) {
        t.fail(`heartbeats at ${first}, ${second}, ${third}`);
      }
    }
    const moments = new Map<number, number>();
    for (const [first = 0] of beats.values()) {
      moments.set(first, (moments.get(first) ?? 0) + 1);
    }
    t.ok(moments.size > 40, `spread over ${moments.size} moments`);
    t.ok(Math.max(...moments.values()) < 60, 'never in one burst');
  },
);

t.test('an interval is no longer while every timer is late', async (t) => {
  const clock = createTestClock();
  const lateMs = 200;
  const busy = { ...clock, setInterval: (tick: () => void, ms: number) => clock.setInterval(tick, ms + lateMs) };
  const beats: number[] = [];
  const heartbeats = new Heartbeats(busy, INTERVAL_MS, () => beats.push(clock.elapsed()));
  heartbeats.add({} as Connection);
  await clock.advance(10 * INTERVAL_MS);
  t.ok(beats.length === 10 || beats.length === 9, `${beats.length} heartbeats in ten intervals`);
  const gaps = beats.slice(1).map((at, index) => at - (beats[index] ?? 0));
  const tickMs = INTERVAL_MS / 100 + lateMs;
  t.strictSame(
    gaps.filter((ms) => Math.abs(ms - INTERVAL_MS) > tickMs),
    [],
    'each is late by a tick at most',
  );
});

t.test('after a standstill of many intervals each connection gets one, and then one each interval', async (t) => {
  const clock = createTestClock();
  let wakeUp = () => {};
  const asleep = {
    ...clock,
    setInterval: (tick: () => void, ms: number) => {
      wakeUp = tick;
      return clock.setInterval(() => {}, ms);
    },
  };
  let count = 0;
  const heartbeats = new Heartbeats(asleep, INTERVAL_MS, ({ size }) => {
    count += size;
  });
  for (let i = 0; i < 10; i++) {
    heartbeats.add({} as Connection);
  }
  await clock.advance(10 * INTERVAL_MS);
  wakeUp();
  t.equal(count, 10);
  await clock.advance(INTERVAL_MS / 100);
  wakeUp();
  t.ok(count < 20, 'no second one at once');
});

t.test('no timer runs without connections', async (t) => {
  const clock = createTestClock();
  const heartbeats = new Heartbeats(clock, INTERVAL_MS, () => {});
  const [one, other] = [{} as Connection, {} as Connection];
  t.equal(clock.timers(), 0);
  heartbeats.add(one);
  heartbeats.add(other);
  t.equal(clock.timers(), 1);
  heartbeats.delete(one);
  heartbeats.delete(one);
  t.equal(clock.timers(), 1);
  heartbeats.delete(other);
  t.equal(clock.timers(), 0);
  heartbeats.add(one);
  t.equal(clock.timers(), 1);
});

t.test('a heartbeat tells the time and moves an idle watcher to the head', async (t) => {
  const hub = createHub();
  const [plain, envelope] = [hub.watch('a'), hub.watch('a', { format: 'envelope' })];
  await hub.bus.publish({ stream: 'other', data: 1 });
  await hub.clock.advance(INTERVAL_MS);
  const id = hub.log.cursorAt(1);
  const [beat] = plain.messages.filter(isHeartbeat);
  t.equal(beat?.id, id);
  const { timestamp } = JSON.parse(beat?.data ?? '');
  t.ok(timestamp >= START + INTERVAL_MS / 2 && timestamp <= START + INTERVAL_MS);
  const enveloped = envelope.messages.at(-1);
  t.match(enveloped, { id, event: undefined });
  t.match(JSON.parse(enveloped?.data ?? ''), { type: 'heartbeat', data: { timestamp: Number } });
});

t.test('a heartbeat comes after all events before it', async (t) => {
  const hub = createHub();
  const watcher = hub.watch('a');
  await hub.clock.advance(INTERVAL_MS / 2 - 200);
  // Published in the very turn in which the clock moves on: the frames still wait in the cohort.
  const published = Promise.all([1, 2, 3].map((data) => hub.bus.publish({ stream: 'a', data })));
  const advanced = hub.clock.advance(INTERVAL_MS / 2 + 200);
  await Promise.all([published, advanced]);
  const ids = watcher.messages.map(({ id }) => id);
  t.same(
    ids,
    [0, 1, 2, 3, 3].map((pos) => hub.log.cursorAt(pos)),
  );
  t.equal(watcher.messages.at(-1)?.event, 'heartbeat');
});

t.test('a watcher that is catching up is told the position it has been served to', async (t) => {
  const hub = createHub();
  const big = 'x'.repeat(30_000);
  for (let i = 0; i < 10; i++) {
    await hub.bus.publish({ stream: 'a', data: big });
  }
  const watcher = hub.watch('a', { cursor: hub.log.cursorAt(0), stalled: true });
  await hub.clock.advance(INTERVAL_MS);
  watcher.sink.drain();
  const beat = watcher.messages.findIndex(isHeartbeat);
  t.ok(beat > 0);
  const served = watcher.messages.slice(0, beat).filter(({ event }) => event === undefined).length;
  t.ok(served > 0 && served < 10);
  t.equal(watcher.messages[beat]?.id, hub.log.cursorAt(served));
  await turn();
});

t.test('a connection that has closed leaves no timer', async (t) => {
  const hub = createHub({ registry: { maxConnectionAgeMs: 3_600_000 } });
  const idle = hub.clock.timers();
  const watchers = [hub.watch('a'), hub.watch('*'), hub.watch('a', { stalled: true })];
  await hub.bus.publish({ stream: 'a', data: 1 });
  await turn();
  t.ok(hub.clock.timers() > idle);
  for (const { sink } of watchers) {
    sink.destroy();
  }
  await turn();
  t.equal(hub.clock.timers(), idle);
  t.equal(hub.streams.size, 0);
});
