import { runInNewContext } from 'node:vm';
import Fastify, { type InjectOptions } from 'fastify';
import t, { type Test } from 'tap';
import sluice, { SluiceError } from '../../src/app.js';
import { connect, request } from '../support/raw-client.js';

const batch = '[{"stream":"a","data":1}]';
const json = { 'content-type': 'application/json' };
const lines = { 'content-type': 'application/x-ndjson' };
const REQUESTS: readonly InjectOptions[] = [
  { url: '/live/livez' },
  { url: '/live/sse/a' },
  { url: '/live/events' },
  { url: '/live/stream' },
  { method: 'HEAD', url: '/live/sse/a' },
  { method: 'POST', url: '/live/sse/a', headers: json, payload: '1' },
  { method: 'POST', url: '/live/events', headers: json, payload: batch },
  { method: 'POST', url: '/live/events', headers: lines, payload: '{"stream":"a","data":1}' },
];

const HOOKS = ['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const;

/** A hub in a host where a hook throws something. */
async function refusing(t: Test, thrown: unknown, hook: (typeof HOOKS)[number] = 'onRequest') {
  const app = Fastify();
  t.teardown(() => app.close());
  app.addHook(hook as 'onRequest', async () => {
    throw thrown;
  });
  await app.register(sluice, { prefix: '/live' });
  return app;
}

for (const hook of HOOKS) {
  t.test(`what is thrown in ${hook}, though it is no Error, is answered with its status`, async (t) => {
    const app = await refusing(t, { statusCode: 429, error: 'Too Many Requests', message: 'wait a minute' }, hook);
    for (const request of REQUESTS) {
      const { statusCode, body } = await app.inject(request);
      t.equal(statusCode, 429, `${request.method ?? 'GET'} ${request.url}`);
      if (request.method !== 'HEAD') {
        t.match(JSON.parse(body), { statusCode: 429, code: 'SLUICE_BAD_REQUEST', message: 'wait a minute' });
      }
    }
    t.equal(app.bus.log.head, 0, 'nothing was stored');
  });
}

t.test('what tells nothing of itself, too', async (t) => {
  for (const [thrown, status] of [
    [{ statusCode: 403 }, 403],
    ['no', 500],
    [undefined, 500],
  ] as const) {
    const app = await refusing(t, thrown, 'preHandler');
    for (const request of REQUESTS) {
      t.equal((await app.inject(request)).statusCode, status, `${request.method ?? 'GET'} ${request.url}`);
    }
  }
});

t.test('headers and a numeric code of what is thrown are sent as Fastify sends them', async (t) => {
  const headers = { 'www-authenticate': 'Basic realm="shop"' };
  const app = await refusing(t, Object.assign(new Error('sign in'), { statusCode: 401, code: 7, headers }));
  const response = await app.inject('/live/livez');
  t.equal(response.headers['www-authenticate'], 'Basic realm="shop"');
  t.match(response.json(), { statusCode: 401, code: '7', message: 'sign in' });
  const upstream = {
    'content-type': 'text/html',
    'Content-Encoding': 'gzip',
    'transfer-encoding': 'chunked',
    'x-request-id': '7',
  };
  for (const headers of [upstream, null, 'none', 7]) {
    const broken = await refusing(t, Object.assign(new Error('no'), { statusCode: 502, code: 'FST_UP', headers }));
    for (const request of REQUESTS) {
      const answer = await broken.inject(request);
      t.equal(answer.statusCode, 502, `${request.method ?? 'GET'} ${request.url}`);
      t.match(answer.headers['content-type'], 'application/json');
      t.equal(answer.headers['content-encoding'], undefined);
      t.equal(answer.headers['x-request-id'], headers === upstream ? '7' : undefined);
    }
  }
  const inside = await refusing(t, Object.assign(new Error('oops'), { headers: { 'x-inside': 'secret' } }));
  t.equal((await inside.inject('/live/livez')).headers['x-inside'], undefined);
});

t.test('errors of another realm, frozen ones and those with getters are answered with their status', async (t) => {
  class Refusal {
    get statusCode() {
      return 403;
    }
    get message() {
      return 'not here';
    }
  }
  for (const thrown of [
    runInNewContext("Object.assign(new Error('not here'), { statusCode: 403 })"),
    Object.freeze(Object.assign(new Error('not here'), { statusCode: 403 })),
    new Refusal(),
  ]) {
    const app = await refusing(t, thrown, 'preHandler');
    for (const request of REQUESTS) {
      const { statusCode, body } = await app.inject(request);
      t.equal(statusCode, 403, `${request.method ?? 'GET'} ${request.url}`);
      t.match(body, request.method === 'HEAD' ? '' : /not here/);
    }
  }
});

t.test('the words of a string are in the log', async (t) => {
  const lines: { event?: string; err?: { message: string } }[] = [];
  const app = Fastify({ logger: { stream: { write: (line: string) => lines.push(JSON.parse(line)) } } });
  t.teardown(() => app.close());
  app.addHook('onRequest', async () => {
    throw 'the database is down';
  });
  await app.register(sluice, { prefix: '/live' });
  await app.inject('/live/livez');
  t.match(lines.find(({ event }) => event === 'request-failed')?.err?.message, 'the database is down');
});

t.test('refusals of a hook are one line a minute, however many words they have', async (t) => {
  const lines: { event?: string; reason?: string }[] = [];
  const app = Fastify({ logger: { stream: { write: (line: string) => lines.push(JSON.parse(line)) } } });
  t.teardown(() => app.close());
  app.addHook('onRequest', async ({ id }) => {
    throw Object.assign(new Error(`nothing upstream for ${id}`), { statusCode: 503 });
  });
  await app.register(sluice, { prefix: '/live' });
  for (let i = 0; i < 3; i++) {
    t.equal((await app.inject('/live/livez')).statusCode, 503);
  }
  t.equal(lines.filter(({ event }) => event === 'refusing').length, 1);
});

t.test('a stream that is refused before its turn to answer has come is told in its turn', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  let answer = (_text: string) => {};
  const turn = new Promise<string>((resolve) => {
    answer = resolve;
  });
  app.get('/own', () => turn);
  app.addHook('onRequest', async ({ url }) => {
    if (url === '/live/sse/a') {
      throw new SluiceError('SLUICE_RATE_LIMITED', 429, 'wait a minute');
    }
  });
  await app.register(sluice, { prefix: '/live' });
  const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
  const client = await connect(t, Number(port), request('GET /own') + request('GET /live/sse/a'));
  answer('first');
  t.equal(await client.ending, 'fin');
  t.match(client.text, /first(?:.|\s)+event: refused\ndata: .+wait a minute.+\n\n$/);
});
