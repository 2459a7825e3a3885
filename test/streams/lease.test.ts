import { getEventListeners } from 'node:events';
import t from 'tap';
import type { Lease } from '../../src/streams/ends/lease.js';
import { START, turn } from '../support/clock.js';
import { createHub, type TestHub, type Watcher } from '../support/hub.js';

const MINUTE = 60_000;

/** What a watcher was told of its lease. */
function notices({ messages }: Watcher): unknown[] {
  return messages.filter(({ event }) => event === 'expiring').map(({ id, data }) => ({ id, ...JSON.parse(data) }));
}

/** A hub with more history than one page takes. */
async function withHistory(windowBytes: number): Promise<TestHub> {
  const hub = createHub({ registry: { windowBytes } });
  for (let i = 0; i < 50; i++) {
    await hub.bus.publish({ stream: 'a', data: 'x'.repeat(10_000) });
  }
  return hub;
}

t.test('a watcher is told 30 s before its lease expires, and its stream ends within a second after', async (t) => {
  const hub = createHub();
  const watcher = hub.watch('a', { lease: { expiresAt: START + MINUTE } });
  await hub.clock.advance(29_900);
  t.same(notices(watcher), []);
  await hub.clock.advance(300);
  const [notice] = notices(watcher);
  t.match(notice, { id: undefined, message: /expires/, expires: START + MINUTE });
  const { cursor } = watcher;
  await hub.clock.advance(29_700);
  t.equal(watcher.sink.state, 'open', 'not before');
  await hub.clock.advance(1100);
  t.equal(watcher.sink.state, 'ended', 'a proper end');
  t.match(watcher.summary, { reason: 'expired' });
  t.ok((watcher.summary?.durationMs ?? 0) <= MINUTE + 1000);
  t.equal(notices(watcher).length, 1, 'told once');
  t.equal(watcher.cursor, cursor, 'and the cursor stays where it was');
  t.equal(watcher.retries.length, 2, 'the end says when to come back');
  t.equal(hub.streams.closed.expired, 1);
});

t.test('a lease shorter than that is told of right after the greeting', async (t) => {
  const hub = createHub();
  const watcher = hub.watch('a', { format: 'envelope', lease: { expiresAt: START + 10_000 } });
  const [connected, expiring] = watcher.messages.map(({ data }) => JSON.parse(data));
  t.equal(connected.type, 'connected');
  t.match(expiring, { type: 'expiring', data: { expires: START + 10_000 } });
  await hub.bus.publish({ stream: 'a', data: 1 });
  await hub.clock.advance(9000);
  t.equal(watcher.events.length, 1, 'until then it is served');
  await hub.clock.advance(2000);
  t.equal(watcher.summary?.reason, 'expired');
  t.equal(hub.streams.watchers('a'), 0);
});

t.test('revocation ends every watcher of the key at once, and no other', async (t) => {
  const hub = createHub();
  const [key, other] = [new AbortController(), new AbortController()];
  const watchers = ['a', 'b', '*'].map((streams) => hub.watch(streams, { lease: { revoked: key.signal } }));
  const others = [hub.watch('a'), hub.watch('a', { lease: { revoked: other.signal } })];
  key.abort();
  await hub.bus.publish({ stream: 'a', data: 1 });
  await turn();
  for (const watcher of watchers) {
    t.equal(watcher.sink.state, 'ended');
    t.match(watcher.summary, { reason: 'revoked', events: 0 });
    const [notice, ...others] = notices(watcher);
    t.match(notice, { id: undefined, message: /revoked/, expires: START });
    t.same(others, []);
  }
  t.ok(others.every(({ sink, events }) => sink.state === 'open' && events.length === 1));
  t.equal(hub.streams.closed.revoked, 3);
});

const OVER: [what: string, lease: Lease, reason: string][] = [
  ['expired', { expiresAt: START - 1 }, 'expired'],
  ['revoked', { expiresAt: START + MINUTE, revoked: AbortSignal.abort() }, 'revoked'],
];
for (const [what, lease, reason] of OVER) {
  t.test(`a lease that is ${what} already gets neither state nor replay`, async (t) => {
    const hub = createHub();
    const failures: unknown[] = [];
    hub.streams.on('failed', (error) => failures.push(error));
    await hub.bus.publish({ stream: 'stock', data: 1 });
    for (const cursor of [undefined, hub.log.cursorAt(0)]) {
      const watcher = hub.watch('stock', { cursor, lease });
      await turn();
      t.same(
        watcher.messages.map(({ event }) => event),
        ['connected', 'expiring'],
      );
      t.equal(watcher.summary?.reason, reason);
    }
    t.equal(hub.streams.size, 0);
    t.equal(hub.streams.watchers('stock'), 0, 'nobody is left in a cohort');
    t.same(failures, [], 'nothing is written behind its end');
  });
}

for (const [where, windowBytes] of [
  ['the window', 10_000_000],
  ['the log', 1],
] as const) {
  t.test(`a catch-up from ${where} ends with its lease`, async (t) => {
    const hub = await withHistory(windowBytes);
    const key = new AbortController();
    const behind = { cursor: hub.log.cursorAt(0), stalled: true };
    const watchers = [
      hub.watch('a', { ...behind, lease: { revoked: key.signal } }),
      hub.watch('a', { ...behind, lease: { expiresAt: START + 100 } }),
    ];
    await turn();
    for (const { sink } of watchers) {
      sink.drain(20_000);
    }
    key.abort();
    await hub.clock.advance(300);
    for (const watcher of watchers) {
      watcher.sink.isFlowing = true;
      watcher.sink.drain();
      await turn();
      t.ok(watcher.events.length > 0 && watcher.events.length < 10, `${watcher.events.length} events, no further page`);
      t.equal(notices(watcher).length, 1);
    }
    t.same(
      watchers.map(({ summary }) => summary?.reason),
      ['revoked', 'expired'],
    );
    t.equal(hub.streams.watchers('a'), 0);
  });
}

t.test('whoever does not take its last bytes is cut off within the second', async (t) => {
  const hub = createHub();
  const key = new AbortController();
  const revoked = hub.watch('a', { lease: { revoked: key.signal }, stalled: true });
  const expired = hub.watch('a', { lease: { expiresAt: START }, stalled: true });
  await hub.bus.publish({ stream: 'a', data: 'secret' });
  await turn();
  key.abort();
  await hub.clock.advance(400);
  t.equal(revoked.sink.state, 'open', 'it has a moment');
  await hub.clock.advance(500);
  for (const { sink } of [revoked, expired]) {
    t.equal(sink.state, 'destroyed');
  }
  t.equal(revoked.summary?.reason, 'revoked');
  t.equal(expired.summary?.reason, 'expired');
});

t.test('fifteen thousand watchers of one key cost it one listener, which goes with the last of them', async (t) => {
  const hub = createHub({ registry: { maxConnections: 20_000 } });
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on('warning', onWarning);
  t.teardown(() => process.off('warning', onWarning));
  const { signal } = new AbortController();
  const listeners = () => getEventListeners(signal, 'abort').length;
  const watchers = Array.from({ length: 15_000 }, () => hub.watch('a', { lease: { revoked: signal } }));
  t.equal(listeners(), 1);
  const [last, ...others] = watchers;
  for (const { sink } of others) {
    sink.destroy();
  }
  await turn();
  t.equal(listeners(), 1);
  last?.sink.destroy();
  await turn();
  t.equal(listeners(), 0);
  hub.watch('a', { lease: { revoked: signal } });
  t.equal(listeners(), 1, 'and comes back with the next');
  t.same(warnings, []);
});

t.test('one timer serves all leases, and none is left when they have gone', async (t) => {
  const hub = createHub();
  const idle = hub.clock.timers();
  hub.watch('a', { lease: {} }).sink.destroy();
  hub.watch('a', { lease: { revoked: new AbortController().signal } }).sink.destroy();
  const first = hub.watch('a');
  await turn();
  const without = hub.clock.timers();
  const leased = Array.from({ length: 100 }, (_, i) =>
    hub.watch('a', { lease: { expiresAt: START + MINUTE + i, revoked: new AbortController().signal } }),
  );
  t.equal(hub.clock.timers(), without + 1);
  for (const { sink } of leased) {
    sink.destroy();
  }
  await turn();
  t.equal(hub.clock.timers(), without);
  const key = new AbortController();
  const revoked = hub.watch('a', { lease: { revoked: key.signal } });
  key.abort();
  await turn();
  t.equal(revoked.summary?.reason, 'revoked');
  first.sink.destroy();
  await turn();
  t.equal(hub.clock.timers(), idle);
});

t.test('a lease ends in its time after all leases before it have gone', async (t) => {
  const hub = createHub();
  hub.watch('a', { lease: { expiresAt: START + MINUTE } }).sink.destroy();
  await turn();
  const next = hub.watch('a', { lease: { expiresAt: START + MINUTE } });
  await hub.clock.advance(MINUTE + 1000);
  t.equal(next.summary?.reason, 'expired');
});
