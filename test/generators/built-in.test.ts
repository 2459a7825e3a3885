import { freemem, totalmem } from 'node:os';
import t from 'tap';
import { createGenerators } from '../../src/generators/built-in.js';
import type { Generator } from '../../src/generators/generator.js';
import { createNumbers } from '../../src/generators/numbers.js';
import { Worker } from '../../src/generators/progress.js';

const intervals = {
  timeIntervalMs: 1,
  userActionIntervalMs: 2,
  stockIntervalMs: 3,
  metricsIntervalMs: 4,
  notificationsIntervalMs: 5,
  progressIntervalMs: 6,
  clockIntervalMs: 7,
};
const NOW = Date.parse('2026-01-01T00:00:05.000Z');
const server = { requests: () => 12, clients: () => 3 };

function generator(stream: string): Generator {
  const found = createGenerators(true, intervals, server).find((generator) => generator.stream === stream);
  if (found === undefined) {
    throw new Error(`no generator of ${stream}`);
  }
  return found;
}

const take = (source: Generator, count: number) => Array.from({ length: count }, () => source.next(NOW) as never);

t.test('each has its stream, type and interval', async (t) => {
  const all = createGenerators(true, intervals, server).map(({ stream, type, intervalMs }) => [
    stream,
    type,
    intervalMs,
  ]);
  t.same(all, [
    ['metrics', 'metrics-update', 4],
    ['time', 'message', 1],
    ['user-action', 'user-action', 2],
    ['stock', 'stock-update', 3],
    ['notifications', 'notification', 5],
    ['progress', 'progress', 6],
    ['clock', 'message', 7],
  ]);
});

t.test('without the demo only the metrics are left', async (t) => {
  t.same(
    createGenerators(false, intervals, server).map(({ stream }) => stream),
    ['metrics'],
  );
});

t.test('time and clock tell the time', async (t) => {
  t.same(generator('time').next(NOW), { timestamp: '2026-01-01T00:00:05.000Z', message: 'Server time update' });
  t.same(generator('clock').next(NOW), { time: '2026-01-01T00:00:05.000Z' });
});

t.test('user actions are an action of a user', async (t) => {
  const actions = take(generator('user-action'), 100) as { action: string; userId: string; timestamp: string }[];
  t.ok(actions.every(({ action, userId }) => action.length > 0 && /^user\d{1,3}$/.test(userId)));
  t.match(actions[0], { timestamp: '2026-01-01T00:00:05.000Z' });
  t.ok(new Set(actions.map(({ action }) => action)).size > 1);
});

t.test('the stock walks in cents, and its trend is the direction of the last step', async (t) => {
  let last = 100;
  for (const { price, trend, timestamp } of take(generator('stock'), 1000) as {
    price: string;
    trend: number;
    timestamp: number;
  }[]) {
    const isRight = /^\d+\.\d\d$/.test(price) && Math.abs(Number(price) - last) <= 1.001 && Number(price) >= 1;
    if (!isRight || trend !== Math.sign(Number(price) - last) || timestamp !== NOW) {
      t.fail(`${price} after ${last} with trend ${trend}`);
    }
    last = Number(price);
  }
});

t.test('notifications have a unique number', async (t) => {
  const notifications = take(generator('notifications'), 100) as { id: number; message: string; timestamp: number }[];
  t.ok(notifications.every(({ id, message, timestamp }) => Number.isInteger(id) && message && timestamp === NOW));
  t.equal(new Set(notifications.map(({ id }) => id)).size, 100);
});

t.test('progress goes from 0 to 100 %, and begins again', async (t) => {
  const steps = take(generator('progress'), 103) as { percent: string }[];
  t.same(steps[0], { moved: 0, total: 100, percent: '0.00' });
  t.same(steps[45], { moved: 45, total: 100, percent: '45.00' });
  t.same(steps[100], { moved: 100, total: 100, percent: '100.00' });
  t.same(steps[101], { moved: 0, total: 100, percent: '0.00' });
});

t.test('the worker behind it tells its progress through an emitter', async (t) => {
  const worker = new Worker();
  const told: string[] = [];
  worker.on('progress', ({ percent }) => told.push(percent));
  worker.step();
  worker.step();
  t.same(told, ['0.00', '1.00']);
});

t.test('numbers are 1 to 1000, with the id of their stream', async (t) => {
  const numbers = take(createNumbers('x', 8), 5000) as { number: number }[];
  t.match(numbers[0], { number: Number, timestamp: '2026-01-01T00:00:05.000Z', id: 'x' });
  t.ok(numbers.every(({ number }) => Number.isInteger(number) && number >= 1 && number <= 1000));
  t.ok(new Set(numbers.map(({ number }) => number)).size > 900);
});

interface Metrics {
  readonly [figure: string]: number;
}

t.test('metrics are those of this host and process', async (t) => {
  const metrics = generator('metrics');
  const memory = Math.round((1 - freemem() / totalmem()) * 100);
  const figures = metrics.next(NOW) as Metrics;
  t.ok(Math.abs((figures.memory ?? 0) - memory) <= 3, `${figures.memory} % of memory, the system says ${memory}`);
  t.match(figures, { requests: 12, clients: 3, timestamp: NOW, uptime: Math.round(process.uptime()) });
  t.ok(Math.abs((figures.rssBytes ?? 0) / process.memoryUsage.rss() - 1) < 0.1);
  t.equal(Object.values(figures).every(Number.isFinite), true);
});

t.test('CPU figures follow the work done, as whole percentages', async (t) => {
  const metrics = generator('metrics');
  for (const end = performance.now() + 90; performance.now() < end; ) {
    Math.sqrt(Math.random());
  }
  const { cpu = -1, processCpu = -1 } = metrics.next(NOW) as Metrics;
  t.ok(Number.isInteger(cpu) && cpu > 0 && cpu <= 100, `host ${cpu} %`);
  t.ok(Number.isInteger(processCpu) && processCpu > 10, `process ${processCpu} %`);
  await new Promise((resolve) => setTimeout(resolve, 80));
  const { processCpu: idle = -1 } = metrics.next(NOW) as Metrics;
  t.ok(idle < processCpu, `process ${idle} % while it waits`);
});
