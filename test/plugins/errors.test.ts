import Fastify, { errorCodes } from 'fastify';
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

t.test('whatever code a failure has, it is answered and counted as one', async (t) => {
  const lines: string[] = [];
  const app = Fastify({ logger: { level: 'error', stream: { write: (line: string) => lines.push(line) } } });
  t.teardown(() => app.close());
  app.addHook('preHandler', async ({ url }) => {
    if (url === '/livez') {
      throw new errorCodes.FST_ERR_REP_INVALID_PAYLOAD_TYPE('object');
    }
  });
  await app.register(sluice);
  const response = await app.inject('/livez');
  t.match(response.json(), { statusCode: 500, code: 'SLUICE_INTERNAL' });
  t.match(JSON.parse(lines[0] ?? ''), {
    event: 'request-failed',
    err: { code: 'FST_ERR_REP_INVALID_PAYLOAD_TYPE' },
  });
  t.match((await app.inject('/metrics')).body, /^sluice_http_errors_total\{code="SLUICE_INTERNAL"\} 1$/m);
});

t.test('a host that refuses for now is heard, and no failure is logged', async (t) => {
  const lines: string[] = [];
  const app = Fastify({ logger: { level: 'warn', stream: { write: (line: string) => lines.push(line) } } });
  t.teardown(() => app.close());
  const busy = Object.assign(new Error('come back at ten'), { statusCode: 503, code: 'FST_UNDER_PRESSURE' });
  app.addHook('onRequest', async () => {
    throw busy;
  });
  await app.register(sluice);
  const response = await app.inject('/livez');
  t.strictSame(response.json(), {
    statusCode: 503,
    code: 'FST_UNDER_PRESSURE',
    error: 'Service Unavailable',
    message: 'come back at ten',
  });
  t.match(JSON.parse(lines[0] ?? ''), { level: 40, event: 'refusing', code: 'FST_UNDER_PRESSURE' });
});

t.test('what a hook of the host chooses as status is answered, however it says it; the rest is 500', async (t) => {
  for (const [set, says, expected] of [
    [401, {}, 401],
    [undefined, { statusCode: 402 }, 402],
    [undefined, { status: 403 }, 403],
    [undefined, { statusCode: '404' }, 404],
    [503, {}, 503],
    [401, { statusCode: 403, status: 404 }, 403],
    [401, { statusCode: 999 }, 401],
    [200, { statusCode: 200, status: 204 }, 500],
    [302, {}, 500],
    [500, {}, 500],
  ] as const) {
    const app = Fastify();
    t.teardown(() => app.close());
    app.addHook('onRequest', (_request, reply, done) => {
      if (set !== undefined) {
        reply.code(set);
      }
      done(Object.assign(new Error('not signed in'), says));
    });
    app.get('/own', async () => 'never');
    await app.register(sluice, { prefix: '/hub' });
    const text = JSON.stringify([set, says]);
    t.equal((await app.inject('/own')).statusCode, expected, `${text} as Fastify`);
    for (const url of ['/hub/livez', '/hub/sse/a']) {
      const message = expected === 500 ? 'something went wrong inside the server' : 'not signed in';
      t.match((await app.inject(url)).json(), { statusCode: expected, message }, `${text} at ${url}`);
    }
  }
});

t.test('a body of another type is answered with those that the path takes', async (t) => {
  const { app } = await build(t);
  const json = '-H "content-type: application/json"';
  for (const [method, url, types, inCurl] of [
    ['POST', '/sse/a', 'application/json or text/plain', `${json} or -H "content-type: text/plain"`],
    [
      'POST',
      '/events',
      'application/json or application/x-ndjson',
      `${json} or -H "content-type: application/x-ndjson"`,
    ],
    ['POST', '/notify', 'application/json', json],
    ['PUT', '/tasks/a', 'application/json', json],
  ] as const) {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await app.inject({ method, url, headers, payload: 'hello, world' });
    t.equal(response.statusCode, 415, url);
    t.equal(response.json().message, `Unsupported Media Type: send ${types} (curl: ${inCurl})`);
  }
});

t.test('a request that has not the form it must have is told what that is', async (t) => {
  const { app } = await build(t, { maxEventBytes: 100 });
  for (const [method, url, payload, expected] of [
    ['POST', '/sse/a%20b', 1, /^params\/id must be a stream name: 1 to 128 letters, digits and \. _ : -, starting/],
    ['PUT', '/tasks/a%20b', 1, /^params\/id must be a task id: 1 to 122 letters/],
    ['POST', '/sse/a?type=%00', 1, /^querystring\/type must be one line without control or direction characters$/],
    ['POST', '/sse/a?type=b&type=c', 1, /^querystring\/type must be given once$/],
    ['GET', '/events?streams=a&streams=b', undefined, /^querystring\/streams must be given once$/],
    ['GET', '/events?last=1&last=2', undefined, /^querystring\/last must be given once$/],
    ['POST', '/notify', {}, /^body must have required property 'message'$/],
    ['POST', '/notify', { message: 'a', level: 'fatal' }, /^body\/level must be one of info, success, warning, error$/],
    ['POST', '/notify', { message: 'a', level: 5 }, /^body\/level must be one of info, success, warning, error$/],
    ['POST', '/notify', { message: 'a', colour: 'red' }, /^body must not have the property 'colour'$/],
    [
      'POST',
      '/events',
      [{ stream: 'a', data: 1, ['x'.repeat(65)]: 1 }],
      /^body\/0 must not have the property 'x{64}'$/,
    ],
    ['PUT', '/tasks/a', { moved: 1, total: 2, status: 'ok' }, /^body\/status must be one of running, done, failed$/],
    ['PUT', '/tasks/a', { moved: 1, total: 0 }, /^body\/total must be > 0$/],
    ['POST', '/sse/a', 'x'.repeat(99), /^the body must have at most 100 bytes$/],
  ] as const) {
    const headers = { 'content-type': 'application/json' };
    const response = await app.inject({ method, url, headers, payload: JSON.stringify(payload) });
    t.equal(response.statusCode, String(expected).includes('at most') ? 413 : 400);
    t.match(response.json().message, expected, `${method} ${url}`);
  }
});

t.test('an unknown path is answered with where to look', async (t) => {
  const { app } = await build(t);
  const { message } = (await app.inject('/nothing')).json();
  t.equal(message, 'nothing at GET /nothing; see /docs for what there is');
});
