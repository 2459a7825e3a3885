import t, { type Test } from 'tap';
import { SluiceError } from '../../src/errors.js';
import { MemoryLog } from '../../src/log/memory/memory-log.js';
import type { Retention } from '../../src/log/retention.js';
import { PAGE_BYTES } from '../../src/streams/resume/catch-up.js';
import { type TestClock, turn } from '../support/clock.js';
import { createHub, type TestHub, type Watcher } from '../support/hub.js';

const text = 'x'.repeat(10_000);

async function publish(hub: TestHub, count: number, stream = 'a'): Promise<void> {
  for (let i = 0; i < count; i++) {
    await hub.bus.publish({ stream, data: text });
  }
}

const ids = (hub: TestHub, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => hub.log.cursorAt(from + i));

async function drainAll({ sink }: Watcher): Promise<void> {
  for (let i = 0; i < 50; i++) {
    sink.drain();
    await turn();
  }
}

for (const [where, windowBytes] of [
  ['the window', 10_000_000],
  ['the log', 1],
  ['the log, then the window', 300_000],
] as const) {
  t.test(`from ${where}: everything in order, a page at a time, then live`, async (t) => {
    const hub = createHub({ registry: { windowBytes } });
    await publish(hub, 50);
    const watcher = hub.watch('a', { cursor: hub.log.cursorAt(3), stalled: true });
    for (let i = 0; i < 5; i++) {
      await turn();
    }
    t.ok(watcher.sink.unsent <= PAGE_BYTES + 1000, 'no second page before the first has left');
    await publish(hub, 10);
    let most = 0;
    for (let i = 0; i < 100; i++) {
      watcher.sink.drain(20_000);
      await turn();
      most = Math.max(most, watcher.sink.unsent);
    }
    t.ok(most <= PAGE_BYTES + 1000, `${most} bytes queued at once`);
    t.equal(hub.streams.watchers('a'), 1, 'it is live');
    await publish(hub, 1);
    await drainAll(watcher);
    t.same(
      watcher.events.map(({ id }) => id),
      ids(hub, 4, 61),
    );
  });
}

t.test('what fits a page is served in the step of joining', async (t) => {
  const hub = createHub();
  await publish(hub, 3);
  const watcher = hub.watch('a', { cursor: hub.log.cursorAt(1), stalled: true });
  t.equal(hub.streams.watchers('a'), 1);
  watcher.sink.drain();
  t.same(
    watcher.events.map(({ id }) => id),
    ids(hub, 2, 3),
  );
});

for (const [where, windowBytes] of [
  ['the window', 100_000_000],
  ['the log, then the window', 1_000_000],
] as const) {
  t.test(`from ${where}: a long search for what a deep pattern wants takes turns, and loses nothing`, async (t) => {
    const hub = createHub({ registry: { windowBytes } });
    const others = Array.from({ length: 999 }, () => ({ stream: 'a.b.c.d.e.x', data: 1 }));
    for (let i = 0; i < 20; i++) {
      await hub.bus.publishBatch([...others, { stream: 'a.b.c.d.e.y.1', data: i }]);
    }
    const watcher = hub.watch('a.b.c.d.e.y.*', { cursor: hub.log.cursorAt(0) });
    t.ok(watcher.events.length < 6, 'not in one turn');
    const served: number[] = [];
    for (let i = 20; hub.streams.watchers('a.b.c.d.e.y.1') === 0; i++) {
      await hub.bus.publish({ stream: 'a.b.c.d.e.y.1', data: i });
      served.push(watcher.events.length);
      await new Promise((resolve) => setImmediate(resolve));
    }
    t.ok(new Set(served).size > 2, 'turn by turn');
    await turn();
    t.same(
      watcher.events.map(({ data }) => Number(data)),
      Array.from({ length: 20 + served.length }, (_, i) => i),
    );
  });
}

t.test('an event larger than a page is a page', async (t) => {
  const hub = createHub();
  await hub.bus.publish({ stream: 'a', data: 'x'.repeat(200_000) });
  await publish(hub, 1);
  const watcher = hub.watch('a', { cursor: hub.log.cursorAt(0) });
  await turn();
  t.equal(watcher.events.length, 2);
});

/** A watcher far behind, in a stream that holds 30 events at most, who has been told that the first is gone. */
async function watchAfterGap(t: Test) {
  const hub = createHub({ retention: { eventsPerStream: 30 }, registry: { windowBytes: 1 } });
  await publish(hub, 31);
  const watcher = hub.watch('a', { cursor: hub.log.cursorAt(0), stalled: true });
  t.match(watcher.verdict, { resume: 'gap', gaps: ['a'] });
  await turn();
  return { hub, watcher };
}

for (const [what, overtake] of [
  ['purged', (hub: TestHub) => hub.bus.purge('a').then(() => {})],
  ['trimmed by retention', (hub: TestHub) => publish(hub, 30)],
] as const) {
  t.test(`what is ${what} meanwhile ends the stream, and its return is told of the gap`, async (t) => {
    const hub = createHub({ retention: { eventsPerStream: 30 }, registry: { windowBytes: 1 } });
    await publish(hub, 30);
    const watcher = hub.watch('a', { cursor: hub.log.cursorAt(0), stalled: true });
    t.equal(watcher.verdict.resume, 'exact');
    await turn();
    await overtake(hub);
    await drainAll(watcher);
    t.equal(watcher.summary?.reason, 'overtaken');
    t.equal(watcher.sink.state, 'ended', 'a proper end');
    t.equal(watcher.retries.length, 2, 'that says when to come back');
    const served = watcher.events.length;
    t.ok(served > 0 && served < 30);
    const again = hub.watch('a', { cursor: watcher.cursor });
    t.same(again.verdict, { resume: 'gap', reason: 'trimmed', gaps: ['a'], gapCount: 1 });
  });

  t.test(`who was told of the gap stays when more of the same stream is ${what}, and gets what is left`, async (t) => {
    const { hub, watcher } = await watchAfterGap(t);
    await overtake(hub);
    await drainAll(watcher);
    await publish(hub, 1);
    await drainAll(watcher);
    t.equal(watcher.summary, undefined);
    t.equal(watcher.cursor, hub.log.cursorAt(hub.log.head));
    const positions = watcher.events.map(({ id }) => Number(id?.split('.')[1]));
    t.same(
      positions,
      [...new Set(positions)].sort((a, b) => a - b),
      'in order, none twice',
    );
  });

  t.test(`who was told of the gap is ended when what came after that is ${what}`, async (t) => {
    const { hub, watcher } = await watchAfterGap(t);
    await publish(hub, 60);
    await overtake(hub);
    await drainAll(watcher);
    t.equal(watcher.summary?.reason, 'overtaken');
    t.match(hub.watch('a', { cursor: watcher.cursor }).verdict, { resume: 'gap', gaps: ['a'] });
  });

  t.test(`who was told of a gap in another stream is ended when something is ${what}`, async (t) => {
    const hub = createHub({ retention: { eventsPerStream: 30 }, registry: { windowBytes: 1 } });
    await hub.bus.publish({ stream: 'b', data: 1 });
    await hub.bus.purge('b');
    await publish(hub, 30);
    const watcher = hub.watch('a,b', { cursor: hub.log.cursorAt(0), stalled: true });
    t.match(watcher.verdict, { resume: 'gap', gaps: ['b'] });
    await turn();
    await overtake(hub);
    await drainAll(watcher);
    t.equal(watcher.summary?.reason, 'overtaken');
    t.match(hub.watch('a,b', { cursor: watcher.cursor }).verdict, { gapCount: 1, gaps: ['a'] });
  });
}

t.test('a trim of what it has already had, or never wanted, ends nothing', async (t) => {
  const hub = createHub({ registry: { windowBytes: 1 } });
  await publish(hub, 5, 'b');
  await publish(hub, 30);
  await publish(hub, 1, 'c');
  const watcher = hub.watch('a,b', { cursor: hub.log.cursorAt(0), stalled: true });
  await turn();
  watcher.sink.drain();
  t.ok(watcher.events.length >= 5);
  await hub.bus.purge('b');
  await hub.bus.purge('c');
  await drainAll(watcher);
  t.equal(watcher.events.length, 35);
  t.equal(watcher.sink.state, 'open');
});

t.test('leaving in the middle ends the catch-up', async (t) => {
  const hub = createHub();
  await publish(hub, 50);
  const idle = hub.clock.timers();
  const watcher = hub.watch('a', { cursor: hub.log.cursorAt(0), stalled: true });
  await turn();
  watcher.sink.destroy();
  await turn();
  t.match(watcher.summary, { reason: 'client' });
  t.equal(hub.streams.size, 0);
  t.equal(hub.streams.watchers('a'), 0);
  t.equal(hub.clock.timers(), idle);
});

t.test('a stalled catch-up is cut off after 30 s', async (t) => {
  const hub = createHub();
  await publish(hub, 50);
  const watcher = hub.watch('a', { cursor: hub.log.cursorAt(0), stalled: true });
  await hub.clock.advance(40_000);
  t.equal(watcher.summary?.reason, 'slow');
});

/** A log that cannot read what it has. */
class BrokenLog extends MemoryLog {
  override async read(): Promise<never> {
    throw new Error('the disk says no');
  }
}

t.test('a log that cannot be read cuts off whoever needs it, and says so', async (t) => {
  const log = (retention: Retention, clock: TestClock) => new BrokenLog(retention, clock);
  const hub = createHub({ log, registry: { windowBytes: 1 } });
  const failures: unknown[] = [];
  hub.streams.on('failed', (error) => failures.push(error));
  await publish(hub, 5);
  const live = hub.watch('a');
  const behind = hub.watch('a', { cursor: hub.log.cursorAt(0) });
  await turn();
  t.equal(behind.summary?.reason, 'error');
  t.same(failures.map(String), ['Error: the disk says no']);
  await publish(hub, 1);
  await turn();
  t.equal(live.events.length, 1);
});

/** A log of which everything but the newest is damaged. */
class DamagedLog extends MemoryLog {
  override async read(): Promise<never> {
    throw new SluiceError('SLUICE_LOG_DAMAGED', 503, 'the event at position 1 is damaged');
  }
}

t.test('who needs what is damaged comes back as late as all who are refused', async (t) => {
  const log = (retention: Retention, clock: TestClock) => new DamagedLog(retention, clock);
  const hub = createHub({ log, registry: { windowBytes: 1, retryMs: 1000 } });
  await publish(hub, 2);
  const watchers = Array.from({ length: 50 }, () => hub.watch('a', { cursor: hub.log.cursorAt(0) }));
  while (hub.streams.size > 0) {
    await turn();
  }
  t.equal(hub.streams.refused.SLUICE_LOG_DAMAGED, 50);
  for (const { messages, retries, sink } of watchers) {
    t.same(
      messages.map(({ event }) => event),
      ['connected', 'refused'],
    );
    const [, ms = 0, ...others] = retries;
    t.ok(ms >= 1000 && ms <= 4000, `after ${ms} ms`);
    t.same(others, []);
    t.equal(sink.state, 'ended');
  }
});

/** A log whose latest states are damaged. */
class ForgetfulLog extends MemoryLog {
  override latestStates(): never {
    throw new Error('the disk says no');
  }
}

t.test('whoever would start live without its state is cut off rather than left with nothing', async (t) => {
  const hub = createHub({ log: (retention, clock) => new ForgetfulLog(retention, clock) });
  const failures: unknown[] = [];
  hub.streams.on('failed', (error) => failures.push(error));
  const watcher = hub.watch('stock');
  await turn();
  t.equal(watcher.summary?.reason, 'error');
  t.same(failures.map(String), ['Error: the disk says no']);
});

/** A log whose reads take until the test lets them go. */
class SlowLog extends MemoryLog {
  release = () => {};
  readonly #released = new Promise<void>((resolve) => {
    this.release = resolve;
  });

  override async read(...args: Parameters<MemoryLog['read']>) {
    await this.#released;
    return super.read(...args);
  }
}

/** The same, and then it is damaged. */
class SlowDamagedLog extends SlowLog {
  override async read(...args: Parameters<MemoryLog['read']>): Promise<never> {
    await super.read(...args);
    throw new SluiceError('SLUICE_LOG_DAMAGED', 503, 'the log is damaged');
  }
}

for (const [what, Log] of [
  ['a page', SlowLog],
  ['a damaged one', SlowDamagedLog],
] as const) {
  t.test(`whoever is ended while ${what} is read gets nothing behind its end`, async (t) => {
    const key = new AbortController();
    const logs: SlowLog[] = [];
    const hub = createHub({
      registry: { windowBytes: 1 },
      log: (retention, clock) => {
        const log = new Log(retention, clock);
        logs.push(log);
        return log;
      },
    });
    hub.streams.on('failed', () => {});
    await publish(hub, 2);
    const watcher = hub.watch('a', { cursor: hub.log.cursorAt(0), lease: { revoked: key.signal } });
    await turn();
    key.abort();
    logs[0]?.release();
    await turn();
    t.same(
      watcher.messages.map(({ event }) => event),
      ['connected', 'expiring'],
    );
    t.match(watcher.summary, { reason: 'revoked', events: 0 });
    t.equal(hub.streams.refused.SLUICE_LOG_DAMAGED, 0, 'nor is it refused');
  });
}
