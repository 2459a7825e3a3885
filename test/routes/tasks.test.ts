import t from 'tap';
import { build } from '../support/build.js';
import { turn } from '../support/clock.js';
import { dataOf, watch } from '../support/watch.js';

const put = (id: string, payload: unknown) =>
  ({ method: 'PUT', url: `/tasks/${id}`, payload: payload as object }) as const;

t.test('PUT /tasks/:id publishes the progress of a task on its own stream', async (t) => {
  const { app } = await build(t);
  const one = await watch(app, '/sse/tasks.import');
  const all = await watch(app, '/events?streams=tasks.*');
  const response = await app.inject(put('import', { moved: 45, total: 100 }));
  await app.inject(put('export', { moved: 2, total: 3, status: 'failed', message: 'no space left' }));
  await turn();
  t.equal(response.statusCode, 200);
  t.match(response.json(), { stream: 'tasks.import', type: 'progress', subscribers: 2 });
  const progress = { task: 'import', moved: 45, total: 100, percent: '45.00', status: 'running' };
  t.strictSame(one.messages.slice(1).map(dataOf), [progress]);
  const failure = { task: 'export', moved: 2, total: 3, percent: '66.67', status: 'failed', message: 'no space left' };
  t.strictSame(
    all.messages.slice(1).map((message) => dataOf(message).data),
    [progress, failure],
  );
});

t.test('a new watcher of tasks gets the latest report of each at once, without an id', async (t) => {
  const { app } = await build(t);
  await app.inject(put('a', { moved: 1, total: 2 }));
  await app.inject(put('a', { moved: 2, total: 2, status: 'done' }));
  await app.inject(put('b', { moved: 1, total: 4 }));
  const { text } = await watch(app, '/events?streams=tasks.*');
  const [, ...states] = text.trimEnd().split('\n\n');
  t.equal(states.length, 2);
  t.ok(
    states.every((frame) => frame.startsWith('data: ')),
    'no id line',
  );
  t.match(states.join(), /"task":"a".*"status":"done"/);
  t.match(states.join(), /"task":"b"/);
});

t.test(
  'tasks with long messages do not fill the memory: the oldest states go, and whoever missed one is told',
  async (t) => {
    const windowBytes = 2 * 1024 * 1024;
    const { app } = await build(t, { log: 'memory', historyBytes: 2 * windowBytes, windowBytes });
    const last = 100;
    let most = 0;
    for (let job = 1; job <= last; job++) {
      const response = await app.inject(put(`job${job}`, { moved: 1, total: 2, message: 'x'.repeat(200_000) }));
      most = Math.max(most, app.bus.log.usage().bytes);
      t.equal(response.statusCode, 200);
    }
    t.ok(most > windowBytes && most <= 2 * windowBytes, `${most} bytes`);
    const first = app.bus.log.cursorAt(1);
    const newest = await watch(app, `/sse/tasks.job${last}`);
    t.match(newest.messages.slice(1).map(dataOf), [{ task: `job${last}` }]);
    const oldest = await watch(app, '/sse/tasks.job1');
    t.equal(oldest.messages.length, 1, 'it has no state any more');
    const behind = { 'last-event-id': first };
    const all = await watch(app, '/events?streams=tasks.*', behind);
    t.match(dataOf(all.messages[0]).data, { resume: 'gap', reason: 'trimmed' });
    const one = await watch(app, '/sse/tasks.job2', behind);
    t.match(dataOf(one.messages[0]), { resume: 'gap', reason: 'trimmed', gaps: ['tasks.job2'] });
    const { messages } = await watch(app, `/sse/tasks.job${last}`, { 'last-event-id': first });
    t.match(dataOf(messages[0]), { resume: 'exact' }, 'who missed nothing is not told of a gap');
  },
);

t.test('PUT /tasks/:id refuses what is no progress with 400', async (t) => {
  const { app } = await build(t);
  const bad = [
    {},
    { moved: 1 },
    { total: 1 },
    { moved: -1, total: 1 },
    { moved: 0, total: 0 },
    { moved: 0, total: -1 },
    { moved: 2, total: 1 },
    { moved: '1', total: 2 },
    { moved: null, total: 2 },
    { moved: 1, total: 2, status: 'lost' },
    { moved: 1, total: 2, message: 5 },
    { moved: 1, total: 2, typo: 1 },
  ];
  for (const payload of bad) {
    const response = await app.inject(put('a', payload));
    t.equal(response.statusCode, 400, JSON.stringify(payload));
    t.match(response.json(), { code: /^(FST_ERR_VALIDATION|SLUICE_INVALID_TASK)$/, message: String });
  }
  t.equal((await app.inject({ method: 'PUT', url: '/tasks/a' })).statusCode, 400);
  t.equal(app.bus.log.head, 0, 'nothing was published');
});

t.test('an id has at most 122 characters, so that its stream has at most 128', async (t) => {
  const { app } = await build(t);
  const progress = { moved: 0, total: 1e-300 };
  t.equal((await app.inject(put('x'.repeat(122), progress))).statusCode, 200);
  t.equal((await app.inject(put('x'.repeat(123), progress))).statusCode, 400);
  for (const id of ['%00', 'a%0a', '*', 'a%2fb', '.a']) {
    t.equal((await app.inject(put(id, progress))).statusCode, 400, id);
  }
});

t.test('percent is a number with two decimals whatever the figures', async (t) => {
  const { app } = await build(t);
  const { messages } = await watch(app, '/sse/tasks.a');
  for (const [moved, total] of [
    [0, 1],
    [1, 3],
    [5e-324, 5e-324],
    [1e308, 1e308],
    [1e-300, 1e300],
  ]) {
    t.equal((await app.inject(put('a', { moved, total }))).statusCode, 200);
  }
  await turn();
  t.strictSame(
    messages.slice(1).map((message) => dataOf(message).percent),
    ['0.00', '33.33', '100.00', '100.00', '0.00'],
  );
});
