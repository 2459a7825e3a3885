import t from 'tap';
import { turn } from '../support/clock.js';
import { createHub, type Watcher } from '../support/hub.js';

const dataOf = ({ events }: Watcher) => events.map(({ data }) => data);

t.test('closing delivers what is committed, ends every stream properly, and waits for it', async (t) => {
  const hub = createHub({ registry: { retryMs: 1000 } });
  const [quick, slow] = [hub.watch('a'), hub.watch('a', { stalled: true })];
  void hub.bus.publish({ stream: 'a', data: 'last words' });
  let isClosed = false;
  const closing = hub.streams.close(5000).then(() => {
    isClosed = true;
  });
  await turn();
  t.same(dataOf(quick), ['last words']);
  t.match(quick.summary, { reason: 'shutdown', events: 1 });
  t.equal(quick.sink.state, 'ended');
  t.equal(isClosed, false);
  slow.sink.drain();
  await closing;
  t.same(dataOf(slow), ['last words']);
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

t.test('those whose streams end at their age come back as soon as usual', async (t) => {
  const hub = createHub({ registry: { maxConnectionAgeMs: 1000, retryMs: 1000 } });
  const watchers = Array.from({ length: 100 }, () => hub.watch('a'));
  await hub.clock.advance(1000);
  const times = watchers.map(({ retries }) => retries[1] ?? 0);
  t.ok(Math.min(...times) >= 500 && Math.max(...times) <= 1500);
});

t.test('whoever leaves before its age leaves no timer, nor does closing', async (t) => {
  const hub = createHub({ registry: { maxConnectionAgeMs: 100_000 } });
  const idle = hub.clock.timers();
  hub.watch('a').sink.destroy();
  await turn();
  t.equal(hub.clock.timers(), idle);
  hub.watch('a');
  await hub.streams.close(5000);
  t.equal(hub.clock.timers(), idle);
});
