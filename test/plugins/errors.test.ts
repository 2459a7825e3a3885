import Fastify from 'fastify';
import t from 'tap';
import sluice from '../../src/app.js';
import { build } from '../support/build.js';

t.test('what goes wrong inside is logged with its cause, and told to nobody', async (t) => {
  const log: string[] = [];
  const app = Fastify({ logger: { level: 'error', stream: { write: (line: string) => log.push(line) } } });
  t.teardown(() => app.close());
  app.addHook('preHandler', async () => {
    throw Object.assign(new Error('the password is wrong'), { code: 'EACCES' });
  });
  await app.register(sluice);
  const response = await app.inject({ method: 'POST', url: '/sse/a?token=s3cret', payload: { a: 1 } });
  t.equal(response.statusCode, 500);
  t.strictSame(response.json(), {
    statusCode: 500,
    code: 'SLUICE_INTERNAL',
    error: 'Internal Server Error',
    message: 'something went wrong inside the server',
  });
  t.equal(log.length, 1);
  t.match(JSON.parse(log[0] ?? ''), {
    event: 'request-failed',
    method: 'POST',
    path: '/sse/:id',
    err: { message: 'the password is wrong' },
  });
  t.notMatch(log[0], /s3cret/);
  await app.inject({ method: 'POST', url: '/sse/b', payload: { a: 1 } });
  t.equal(log.length, 1, 'and not again for the next one');
  await app.inject({ method: 'PUT', url: '/tasks/a', payload: { moved: 1, total: 2 } });
  t.match(JSON.parse(log[1] ?? ''), { method: 'PUT', path: '/tasks/:id', since: 0 });
});

t.test('a body of another type is answered with those that the path takes', async (t) => {
  const { app } = await build(t);
  for (const [method, url, types] of [
    ['POST', '/sse/a', 'application/json or text/plain'],
    ['POST', '/events', 'application/json or application/x-ndjson'],
    ['POST', '/notify', 'application/json'],
    ['PUT', '/tasks/a', 'application/json'],
  ] as const) {
    const headers = { 'content-type': 'application/xml' };
    const response = await app.inject({ method, url, headers, payload: '<a/>' });
    t.equal(response.statusCode, 415, url);
    const message = `Unsupported Media Type: send ${types} (curl: -H "content-type: application/json")`;
    t.equal(response.json().message, message);
  }
});

t.test('an unknown path is answered with where to look', async (t) => {
  const { app } = await build(t);
  const { message } = (await app.inject('/nothing')).json();
  t.equal(message, 'nothing at GET /nothing; see /docs for what there is');
});
