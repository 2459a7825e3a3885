import { once } from 'node:events';
import t from 'tap';
import { type Gap, publish } from '../../client/index.js';
import { openFaultProxy } from '../faults/proxy.js';
import { eventually } from '../wire/serve.js';
import { startHub, take, watch } from './support.js';

t.test('watches many streams on one connection, patterns too, in envelopes', async (t) => {
  const { app, url } = await startHub(t);
  const { connection, verdicts } = watch(t, `${url}/events?streams=a,orders.*`);
  const events = take(connection, 3);
  await eventually(() => verdicts.length > 0);
  t.equal(app.streams.size, 1, 'one connection for all');
  await publish(url, 'a', { n: 1 }, { type: 'number' });
  await publish(url, 'b', 'not watched');
  await publish(url, 'orders.eu', 'text');
  const last = await publish(url, 'a', '{"like":"JSON"}');
  t.matchOnly(await events, [
    { type: 'number', stream: 'a', data: { n: 1 }, time: String, id: String },
    { type: 'message', stream: 'orders.eu', data: 'text', time: String, id: String },
    { type: 'message', stream: 'a', data: '{"like":"JSON"}', time: last.time, id: last.id },
  ]);
  const [verdict, ...others] = verdicts;
  t.match(verdict, { resume: 'fresh', cursor: String, heartbeatMs: 15_000 });
  t.strictSame(verdict?.streams, ['a', 'orders.*']);
  t.strictSame(others, []);
});

t.test('watches one stream in the plain format; data that looks like an envelope stays data', async (t) => {
  const { url } = await startHub(t);
  const { connection, verdicts } = watch(t, `${url}/sse/a`);
  const events = take(connection, 4);
  await eventually(() => verdicts.length > 0);
  const forged = { type: 'connected', stream: 'x', data: { resume: 'gap' }, time: '' };
  await publish(url, 'a', forged);
  await publish(url, 'a', [1], { type: 'list' });
  await publish(url, 'a', 'two\nlines');
  const { id } = await publish(url, 'a', true);
  t.strictSame(
    (await events).map(({ type, data }) => [type, data]),
    [
      ['message', forged],
      ['list', [1]],
      ['message', 'two\nlines'],
      ['message', true],
    ],
  );
  t.equal(connection.lastEventId, id);
  t.equal(verdicts.length, 1, 'no verdict can be forged');
});

t.test('gets what it missed, exactly, when its wire is cut', async (t) => {
  const hub = await startHub(t);
  const wire = await openFaultProxy(t, hub.url);
  const { connection, verdicts, interruptions } = watch(t, `${wire.url}/events?streams=a`, { retryMs: 5 });
  const seen: unknown[] = [];
  connection.on(({ data }) => seen.push(data));
  await eventually(() => verdicts.length === 1);
  await publish(hub.url, 'a', 0);
  for (const round of [1, 2, 3]) {
    await eventually(() => seen.length === 2 * round - 1);
    wire.cut();
    await publish(hub.url, 'a', 2 * round - 1);
    await publish(hub.url, 'a', 2 * round);
    await eventually(() => seen.length === 2 * round + 1);
  }
  t.strictSame(seen, [0, 1, 2, 3, 4, 5, 6], 'each once and in order');
  t.strictSame(
    verdicts.map(({ resume }) => resume),
    ['fresh', 'exact', 'exact', 'exact'],
  );
  t.equal(interruptions().length, 3, 'fetch tells a reset from an end only where the body has a length or chunks');
});

t.test('is told of the gap when what it missed was purged', async (t) => {
  const hub = await startHub(t);
  const { id } = await publish(hub.url, 'a', 1);
  await publish(hub.url, 'a', 2);
  await fetch(`${hub.url}/sse/a`, { method: 'DELETE' });
  const gaps: Gap[] = [];
  const { connection } = watch(t, `${hub.url}/sse/a`, { lastEventId: id, onGap: (gap) => gaps.push(gap) });
  const events = take(connection, 1);
  await eventually(() => gaps.length === 1);
  t.strictSame(
    gaps.map(({ reason, gaps, gapCount }) => ({ reason, gaps, gapCount })),
    [{ reason: 'trimmed', gaps: ['a'], gapCount: 1 }],
  );
  await publish(hub.url, 'a', 3);
  t.match(await events, [{ data: 3 }]);
});

t.test('a refused watcher comes in when there is room', async (t) => {
  const { app, url } = await startHub(t, { maxConnections: 1 });
  const first = watch(t, `${url}/sse/a`);
  first.connection.on(() => {});
  await eventually(() => app.streams.size === 1);
  const second = watch(t, `${url}/sse/a`);
  second.connection.on(() => {});
  const { reason, delayMs } = await second.reached('waiting');
  t.match(reason, { code: 'refused', message: /too many connections/ });
  t.ok(delayMs >= 100, 'as the hub told it');
  first.connection.close();
  await eventually(() => second.verdicts.length === 1);
  t.equal(second.verdicts[0]?.resume, 'fresh');
});

t.test('returns when the hub has shut down properly, after the time it was told', async (t) => {
  const { app, url } = await startHub(t);
  const { connection, verdicts, states, reached } = watch(t, `${url}/sse/a`);
  connection.on(() => {});
  await eventually(() => verdicts.length === 1);
  await app.close();
  const { reason } = await reached('waiting');
  t.equal(reason.code, 'ended');
  t.equal(states.filter(({ status }) => status === 'open').length, 1);
});

t.test('a bad selection stops for good with the words of the hub', async (t) => {
  const { url } = await startHub(t);
  await t.rejects(take(watch(t, `${url}/events?streams=`).connection, 1), {
    code: 'status',
    status: 400,
    serverCode: 'SLUICE_INVALID_SELECTION',
  });
  await t.rejects(take(watch(t, `${url}/nowhere`).connection, 1), {
    code: 'status',
    status: 404,
    serverCode: 'SLUICE_NOT_FOUND',
  });
});

t.test('a loop that is far behind makes the hub cut it off, and still gets everything once and in order', async (t) => {
  const { app, url } = await startHub(t, { maxBufferedBytes: 65_536, retryMs: 100 });
  const { connection, verdicts, interruptions } = watch(t, `${url}/sse/a`, { maxQueued: 10 });
  const loop = connection[Symbol.asyncIterator]();
  await eventually(() => verdicts.length === 1);
  const slow = once(app.streams, 'empty');
  const filler = 'x'.repeat(100_000);
  let count = 0;
  while (app.streams.closed.slow === 0) {
    await app.bus.publish({ stream: 'a', data: { number: count++, filler } });
    await new Promise((resolve) => setImmediate(resolve));
  }
  await slow;
  t.ok(count > 10, `${count} events`);
  for (let number = 0; number < count; number++) {
    t.match(await loop.next(), { value: { data: { number } } });
  }
  t.ok(interruptions().length >= 1);
  t.ok(verdicts.length > 1);
  t.ok(verdicts.slice(1).every(({ resume }) => resume === 'exact'));
});
