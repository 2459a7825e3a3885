import Fastify, { type InjectOptions } from 'fastify';
import t, { type Test } from 'tap';
import sluice from '../../src/app.js';

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
  const inside = await refusing(t, Object.assign(new Error('oops'), { headers: { 'x-inside': 'secret' } }));
  t.equal((await inside.inject('/live/livez')).headers['x-inside'], undefined);
});
