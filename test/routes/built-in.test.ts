import { PassThrough } from 'node:stream';
import t from 'tap';
import { build } from '../support/build.js';
import { START, turn } from '../support/clock.js';
import { dataOf, watch } from '../support/watch.js';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

t.test('GET /stream: the time every 5 s as a message, a user action every 10 s', async (t) => {
  const { app, clock } = await build(t, { demo: true, heartbeatIntervalMs: 60_000 });
  const { messages } = await watch(app, '/stream');
  await clock.advance(5000);
  t.strictSame(
    messages.slice(1).map(({ event, data }) => ({ event, data: JSON.parse(data) })),
    [{ event: undefined, data: { timestamp: new Date(START + 5000).toISOString(), message: 'Server time update' } }],
  );
  await clock.advance(5000);
  const [action, ...others] = messages.slice(2).filter(({ event }) => event === 'user-action');
  t.equal(messages.length, 4, 'a second time and one user action');
  t.strictSame(others, []);
  t.match(dataOf(action), { action: String, userId: String, timestamp: ISO });
});

t.test('GET /events: connected, the state at once, then stock, metrics, notifications and heartbeat', async (t) => {
  const { app, clock } = await build(t, { demo: true });
  await (await watch(app, '/events')).leave();
  const { messages, text } = await watch(app, '/events');
  const [, ...states] = text.trimEnd().split('\n\n').slice(0, 3);
  t.ok(
    states.every((frame) => frame.startsWith('data: ')),
    'initial state carries no id',
  );
  t.strictSame(
    states.map((frame) => JSON.parse(frame.slice(6)).stream),
    ['metrics', 'stock'],
  );
  await clock.advance(15_000);
  const envelopes = messages.map((message) => dataOf<{ type: string; data: Record<string, unknown> }>(message));
  const latest = (type: string) => envelopes.findLast((envelope) => envelope.type === type)?.data;
  const count = (type: string) => envelopes.filter((envelope) => envelope.type === type).length;
  t.match(latest('stock-update'), { price: /^\d+\.\d\d$/, timestamp: Number });
  t.ok([-1, 0, 1].includes(Number(latest('stock-update')?.trend)));
  t.match(latest('metrics-update'), { cpu: Number, memory: Number, requests: 2, clients: 1 });
  t.match(latest('notification'), { id: Number, message: String, timestamp: Number });
  t.strictSame(latest('heartbeat'), { timestamp: latest('heartbeat')?.timestamp });
  t.equal(count('heartbeat'), 1);
  t.ok(count('notification') >= 3);
  t.ok(
    messages.every(({ event }) => event === undefined),
    'one onmessage sees all',
  );
});

t.test('metrics are whole percentages', async (t) => {
  const { app, clock } = await build(t);
  const { messages } = await watch(app, '/sse/metrics');
  await clock.advance(3000);
  const { cpu, memory } = dataOf<{ cpu: number; memory: number }>(
    messages.findLast(({ event }) => event === 'metrics-update'),
  );
  for (const percentage of [cpu, memory]) {
    t.ok(Number.isInteger(percentage) && percentage >= 0 && percentage <= 100, String(percentage));
  }
});

t.test('GET /sse/:id of a free id: the same numbers for all its watchers, others for another id', async (t) => {
  const { app, clock } = await build(t, { demo: true, heartbeatIntervalMs: 60_000 });
  const [one, two, other] = [
    await watch(app, '/sse/room1'),
    await watch(app, '/sse/room1'),
    await watch(app, '/sse/room2'),
  ];
  await clock.advance(10_000);
  t.strictSame(one.messages.slice(1), two.messages.slice(1));
  const { number, timestamp, id } = dataOf<{ number: number; timestamp: string; id: string }>(one.messages[1]);
  t.ok(Number.isInteger(number) && number >= 1 && number <= 1000);
  t.equal(timestamp, new Date(START + 10_000).toISOString());
  t.equal(id, 'room1');
  t.equal(dataOf(other.messages[1]).id, 'room2');
  await one.leave();
  t.strictSame(app.generators.running, ['room1', 'room2']);
  await two.leave();
  t.strictSame(app.generators.running, ['room2'], 'the timer went with the last watcher');
});

t.test(
  'numbers stop for good when something is published, and never run for dotted ids, lists or patterns',
  async (t) => {
    const { app, clock } = await build(t, { demo: true });
    const first = await watch(app, '/sse/published');
    t.strictSame(app.generators.running, ['published']);
    await app.inject({ method: 'POST', url: '/sse/published', payload: { a: 1 } });
    await clock.advance(10_000);
    await first.leave();
    for (const path of [
      '/sse/published',
      '/sse/a.b',
      '/events?streams=x',
      '/events?streams=x,y',
      '/events?streams=x.*',
    ]) {
      t.equal((await watch(app, path)).statusCode, 200);
    }
    t.strictSame(app.generators.running, []);
  },
);

t.test('GET /sse/progress: 0 to 100 % every 100 ms, then again', async (t) => {
  const { app, clock } = await build(t, { demo: true, heartbeatIntervalMs: 60_000 });
  const { messages } = await watch(app, '/sse/progress');
  await clock.advance(100 * 101);
  const reports = messages.filter(({ event }) => event === 'progress').map(dataOf);
  t.strictSame(reports[0], { moved: 0, total: 100, percent: '0.00' });
  t.strictSame(reports[45], { moved: 45, total: 100, percent: '45.00' });
  t.strictSame(reports[100], { moved: 100, total: 100, percent: '100.00' });
  t.strictSame(reports[101], { moved: 0, total: 100, percent: '0.00' });
});

t.test('GET /sse/clock: the time every second', async (t) => {
  const { app, clock } = await build(t, { demo: true, heartbeatIntervalMs: 60_000 });
  const { messages } = await watch(app, '/sse/clock');
  await clock.advance(1000);
  t.strictSame(
    messages.slice(1).map(({ event, data }) => [event, data]),
    [[undefined, JSON.stringify({ time: new Date(START + 1000).toISOString() })]],
  );
});

t.test('a heartbeat comes within every interval and moves the cursor to the head', async (t) => {
  const { app, clock } = await build(t);
  const watcher = await watch(app, '/sse/quiet');
  const published = await app.bus.publish({ stream: 'busy', data: 1 });
  await clock.advance(15_000);
  const heartbeats = watcher.messages.filter(({ event }) => event === 'heartbeat');
  t.equal(heartbeats.length, 1);
  t.equal(heartbeats[0]?.id, published.id);
  t.type(dataOf(heartbeats[0]).timestamp, 'number');
  await clock.advance(15_000);
  t.equal(watcher.messages.filter(({ event }) => event === 'heartbeat').length, 2);
  t.equal(watcher.cursor, published.id);
});

t.test('without the demo only the metrics run, and only while watched', async (t) => {
  const { app } = await build(t);
  const paths = ['/events', '/stream', '/events?streams=*', '/sse/lottery'];
  const watchers = await Promise.all(paths.map((path) => watch(app, path)));
  t.strictSame(app.generators.running, ['metrics']);
  for (const watcher of watchers) {
    await watcher.leave();
  }
  await turn();
  t.strictSame(app.generators.running, []);
  t.equal(app.streams.size, 0);
});

t.test('nothing is generated any more while the last publishes of a hub that stops are finished', async (t) => {
  const { app } = await build(t, { demo: true });
  const watcher = await watch(app, '/sse/time');
  t.strictSame(app.generators.running, ['time']);
  const payload = new PassThrough();
  const publishing = app.inject({ method: 'POST', url: '/sse/a', headers: { 'content-type': 'text/plain' }, payload });
  await turn();
  const closing = app.close();
  await turn();
  t.strictSame([app.streams.isClosing, watcher.isEnded, app.generators.running], [true, false, []]);
  payload.end('x');
  t.equal((await publishing).statusCode, 201);
  await closing;
});
