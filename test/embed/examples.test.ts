import t from 'tap';
import { buildShop } from '../../examples/embed.js';
import { runJob } from '../../examples/job.js';
import { build } from '../support/build.js';
import { turn } from '../support/clock.js';
import { dataOf, watch } from '../support/watch.js';

t.test('examples/embed: an order placed in the shop reaches its watchers', async (t) => {
  const app = await buildShop();
  t.teardown(() => app.close());
  const { messages } = await watch(app, '/live/sse/orders');
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const response = await app.inject({ method: 'POST', url: '/orders', headers, payload: 'item=tea' });
  await turn();
  t.equal(response.statusCode, 201);
  t.strictSame(messages[1], { id: response.json().order, event: 'created', data: '{"item":"tea"}' });
  t.match((await app.inject('/')).body, "EventSource('/live/sse/orders')");
});

t.test('examples/job: a job reports its progress to a running server', async (t) => {
  const { app } = await build(t);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const { messages } = await watch(app, '/sse/tasks.import');
  await runJob(url, 2, async () => {});
  await turn();
  const reports = messages.slice(1).map((message) => dataOf(message));
  t.strictSame(
    reports.map(({ percent, status }) => [percent, status]),
    [
      ['0.00', 'running'],
      ['50.00', 'running'],
      ['100.00', 'done'],
    ],
  );
});

t.test('examples/job: a job that fails says so', async (t) => {
  const { app } = await build(t);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const { messages } = await watch(app, '/sse/tasks.import');
  await runJob(url, 2, async (part) => {
    if (part === 1) {
      throw new Error('no space left');
    }
  });
  await turn();
  t.match(dataOf(messages.at(-1)), { moved: 1, status: 'failed', message: 'Error: no space left' });
});

t.test('examples/job: a job learns that its report was not taken', async (t) => {
  const { app } = await build(t);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  await t.rejects(
    runJob(`${url}/elsewhere`, 1, async () => {}),
    { message: /not taken: 404/ },
  );
});
