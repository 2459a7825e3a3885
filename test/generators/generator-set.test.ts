import t from 'tap';
import { createGenerators } from '../../src/generators/built-in.js';
import { GeneratorSet } from '../../src/generators/generator-set.js';
import { turn } from '../support/clock.js';
import { createHub, type HubLimits } from '../support/hub.js';

const intervals = {
  timeIntervalMs: 5000,
  userActionIntervalMs: 10_000,
  stockIntervalMs: 2000,
  metricsIntervalMs: 3000,
  notificationsIntervalMs: 5000,
  progressIntervalMs: 100,
  clockIntervalMs: 1000,
};
/** No heartbeats come into the way. */
const QUIET: HubLimits = { registry: { heartbeatIntervalMs: 1_000_000_000 } };

function createDemo(demo = true) {
  const hub = createHub(QUIET);
  const errors: unknown[] = [];
  const options = {
    generators: createGenerators(demo, intervals, { requests: () => 0, clients: () => hub.streams.size }),
    numbersIntervalMs: demo ? 10_000 : undefined,
  };
  const generators = new GeneratorSet(hub.bus, hub.streams, hub.clock, options, (error) => errors.push(error));
  return { ...hub, generators, errors, idle: hub.clock.timers() };
}

t.test('nothing runs while nobody watches', async (t) => {
  const { clock, generators, log } = createDemo();
  await clock.advance(60_000);
  t.same(generators.running, []);
  t.equal(log.head, 0);
});

for (const [stream, perMinute] of Object.entries({
  time: 12,
  'user-action': 6,
  notifications: 12,
  clock: 60,
  anything: 6,
  // These begin with their state at once.
  stock: 31,
  metrics: 21,
  progress: 601,
})) {
  t.test(`${stream}: ${perMinute} events in its first minute, none after the last watcher`, async (t) => {
    const { clock, generators, watch, idle, log } = createDemo();
    const [one, other] = [watch(stream), watch(stream)];
    t.same(generators.running, [stream]);
    await clock.advance(60_000);
    t.equal(one.events.length, perMinute);
    const newest = (watcher: typeof one) => watcher.events.slice(-5).map(({ data }) => data);
    t.same(newest(other), newest(one), 'the same for all');
    one.sink.destroy();
    await turn();
    t.same(generators.running, [stream], 'one is left');
    other.sink.destroy();
    await turn();
    t.same(generators.running, []);
    t.equal(clock.timers(), idle, 'no timer is left');
    const { head } = log;
    await clock.advance(60_000);
    t.equal(log.head, head);
  });
}

t.test('a list or a pattern starts the built-in ones it takes in, and no numbers', async (t) => {
  const { generators, watch, clock, idle } = createDemo();
  const list = watch('stock,time,other', { format: 'envelope' });
  t.same([...generators.running].sort(), ['stock', 'time']);
  const all = watch('*', { format: 'envelope' });
  t.equal(generators.running.length, 7);
  const tasks = watch('tasks.*');
  t.equal(generators.running.length, 7);
  for (const { sink } of [all, tasks]) {
    sink.destroy();
  }
  await turn();
  t.same([...generators.running].sort(), ['stock', 'time']);
  list.sink.destroy();
  await turn();
  t.equal(clock.timers(), idle);
});

t.test('numbers are independent from stream to stream', async (t) => {
  const { clock, watch } = createDemo();
  const [one, other] = [watch('one'), watch('other')];
  await clock.advance(200_000);
  const numbers = ({ events }: typeof one) => events.map(({ data }) => JSON.parse(data).number);
  t.equal(numbers(one).length, 20);
  t.equal(numbers(other).length, 20);
  t.notSame(numbers(one), numbers(other));
  t.ok(one.events.every(({ data }) => JSON.parse(data).id === 'one'));
});

t.test('no numbers for names with a dot, for patterns, in the envelope, or for what was published to', async (t) => {
  const { bus, generators, watch } = createDemo();
  await bus.publish({ stream: 'real', data: 1 });
  watch('orders.1');
  watch('orders.*');
  watch('envelope', { format: 'envelope' });
  watch('a,b');
  watch('real');
  t.same(generators.running, []);
});

t.test('numbers end with the first event that somebody publishes', async (t) => {
  const { bus, clock, generators, watch } = createDemo();
  const watcher = watch('x');
  await clock.advance(10_000);
  await bus.publish({ stream: 'x', data: 'real' });
  await clock.advance(60_000);
  t.equal(watcher.events.length, 2);
  t.equal(watcher.events[1]?.data, 'real');
  t.same(generators.running, []);
  watch('x');
  t.same(generators.running, [], 'and do not come back');
});

t.test('without the demo the metrics run, and no numbers', async (t) => {
  const { generators, watch } = createDemo(false);
  for (const stream of ['x', 'stock', 'metrics']) {
    watch(stream);
  }
  t.same(generators.running, ['metrics']);
});

t.test('who joins later is told the state at once', async (t) => {
  const { clock, watch } = createDemo();
  watch('progress');
  await clock.advance(1050);
  const later = watch('progress');
  t.match(later.messages[1], { id: undefined, data: JSON.stringify({ moved: 10, total: 100, percent: '10.00' }) });
});

t.test('however often watchers come and go, a state comes once an interval at most', async (t) => {
  const { bus, clock, log, watch } = createDemo();
  const come = async () => {
    const watcher = watch('stock');
    await clock.advance(90);
    watcher.sink.destroy();
    await turn();
    return watcher.messages.length - 1;
  };
  for (let i = 0; i < 100; i++) {
    t.ok((await come()) > 0, 'each is told the state');
  }
  // In nine seconds: at the first of all, and at the first after each two.
  t.equal(log.head, 5);
  await bus.purge('stock');
  t.equal(await come(), 1, 'but one that is gone comes at once');
});

t.test('an event that is not accepted is told, and the generator goes on', async (t) => {
  const { bus, clock, errors, watch } = createDemo();
  const watcher = watch('clock');
  const { generate } = bus;
  bus.generate = async () => {
    throw new Error('no room');
  };
  await clock.advance(2000);
  t.strictSame(
    errors.map((error) => String(error)),
    ['Error: no room', 'Error: no room'],
  );
  bus.generate = generate;
  await clock.advance(1000);
  t.equal(watcher.events.length, 1);
});

t.test('a state that was not accepted is made anew for who comes next', async (t) => {
  const { bus, clock, log, watch } = createDemo();
  const come = async () => {
    const { sink } = watch('stock');
    await turn();
    sink.destroy();
    await turn();
  };
  await come();
  await clock.advance(5000);
  const { generate } = bus;
  bus.generate = async () => {
    throw new Error('no room');
  };
  await come();
  bus.generate = generate;
  await come();
  t.equal(log.head, 2);
});

t.test('a generator whose figures cannot be had is told of too, and asked again', async (t) => {
  const hub = createHub(QUIET);
  const errors: unknown[] = [];
  let isOutOfFiles = true;
  const next = () => {
    if (isOutOfFiles) {
      throw new Error('too many open files');
    }
    return 1;
  };
  const options = {
    generators: [{ stream: 'metrics', type: 'message', intervalMs: 1000, next }],
    numbersIntervalMs: undefined,
  };
  const generators = new GeneratorSet(hub.bus, hub.streams, hub.clock, options, (error) => errors.push(error));
  const watcher = hub.watch('metrics');
  await hub.clock.advance(1000);
  t.strictSame(
    errors.map((error) => String(error)),
    ['Error: too many open files', 'Error: too many open files'],
  );
  isOutOfFiles = false;
  await hub.clock.advance(1000);
  t.equal(watcher.events.length, 1);
  watcher.sink.destroy();
  await turn();
  t.same(generators.running, []);
});

t.test('closing stops all of them for good', async (t) => {
  const { clock, generators, watch, log } = createDemo();
  watch('*');
  generators.close();
  t.same(generators.running, []);
  const { head } = log;
  watch('stock');
  await clock.advance(60_000);
  t.same(generators.running, []);
  t.equal(log.head, head);
});
