import t from 'tap';
import { build } from '../support/build.js';
import { watch } from '../support/watch.js';

const PAGE = 'http://localhost:5173';

t.test('a preflight from a page of this machine is answered', async (t) => {
  const { app } = await build(t);
  for (const [url, method] of [
    ['/sse/a', 'POST'],
    ['/sse/a', 'DELETE'],
    ['/tasks/a', 'PUT'],
    ['/events', 'GET'],
    ['/', 'GET'],
  ] as const) {
    const response = await app.inject({
      method: 'OPTIONS',
      url,
      headers: {
        origin: PAGE,
        'access-control-request-method': method,
        'access-control-request-headers': 'last-event-id',
      },
    });
    t.equal(response.statusCode, 204, url);
    t.equal(response.headers['access-control-allow-origin'], PAGE);
    t.match(response.headers['access-control-allow-methods'], new RegExp(method));
    t.match(response.headers['access-control-allow-headers'], /content-type.*last-event-id/);
  }
});

t.test('streams, replies and errors of every kind carry the CORS headers', async (t) => {
  const { app } = await build(t);
  const headers = { origin: PAGE };
  const stream = await watch(app, '/sse/a', headers);
  t.equal(stream.headers['access-control-allow-origin'], PAGE);
  const requests = [
    [200, { url: '/' }],
    [201, { method: 'POST', url: '/sse/a', payload: { a: 1 } }],
    [400, { method: 'POST', url: '/sse/a' }],
    [404, { url: '/nothing' }],
    [405, { method: 'PATCH', url: '/sse/a' }],
    [415, { method: 'POST', url: '/events', payload: 'x' }],
  ] as const;
  for (const [statusCode, request] of requests) {
    const response = await app.inject({ ...request, headers });
    t.equal(response.statusCode, statusCode, request.url);
    t.equal(response.headers['access-control-allow-origin'], PAGE, `${statusCode} ${request.url}`);
    t.match(response.headers.vary, /Origin/);
  }
});

t.test('a page of another origin gets no CORS header, unless CORS_ORIGIN names it', async (t) => {
  const allow = async (corsOrigin: string | undefined, origin: string) => {
    const { app } = await build(t, corsOrigin === undefined ? {} : { corsOrigin });
    const response = await app.inject({ url: '/livez', headers: { origin } });
    return response.headers['access-control-allow-origin'];
  };
  for (const origin of [
    'https://evil.example',
    'http://localhost.evil.example',
    'http://127.0.0.1.evil.example',
    'null',
  ]) {
    t.equal(await allow(undefined, origin), undefined, origin);
  }
  for (const origin of ['http://127.0.0.1', 'http://[::1]:3000', 'https://localhost']) {
    t.equal(await allow(undefined, origin), origin, origin);
  }
  t.equal(await allow('https://a.example, loopback', 'https://a.example'), 'https://a.example');
  t.equal(await allow('https://a.example', PAGE), undefined);
  t.equal(await allow('*', 'https://evil.example'), '*');
});
