import t from 'tap';
import { parseOrigins } from '../../src/access/origins.js';
import { readEnvironment } from '../../src/server/environment.js';
import { build } from '../support/build.js';
import { watch } from '../support/watch.js';

const PAGE = 'http://localhost:5173';
const EVIL = 'https://evil.example';
const EXPOSED = 'retry-after, idempotent-replayed, ratelimit-limit, ratelimit-remaining, ratelimit-reset';
const NAMED = { corsOrigin: 'https://a.example, https://b.example:8443, loopback' };

t.test('a preflight from a page of this machine is answered, and needs no credential', async (t) => {
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
    t.match(response.headers, { 'access-control-allow-origin': PAGE, 'access-control-max-age': '7200' });
    t.match(response.headers['access-control-allow-methods'], new RegExp(method));
    const allowed = String(response.headers['access-control-allow-headers']).split(', ');
    for (const name of ['content-type', 'last-event-id', 'authorization', 'idempotency-key']) {
      t.ok(allowed.includes(name), name);
    }
  }
});

t.test('so is one for a path that nothing is at, so that the page can read as much', async (t) => {
  const { app } = await build(t, { isAlone: true });
  const preflight = { origin: PAGE, 'access-control-request-method': 'GET' };
  const answer = await app.inject({ method: 'OPTIONS', url: '/ss/typo', headers: preflight });
  t.equal(answer.statusCode, 204);
  t.match(answer.headers, { 'access-control-allow-origin': PAGE, 'access-control-allow-methods': /GET/ });
  const other = await app.inject({ method: 'OPTIONS', url: '/ss/typo', headers: { ...preflight, origin: EVIL } });
  t.equal(other.headers['access-control-allow-origin'], undefined);
  t.equal((await app.inject({ method: 'OPTIONS', url: '/ss/typo' })).statusCode, 404);
});

t.test('streams, refused ones too, replies and errors of every kind carry the CORS headers', async (t) => {
  const { app } = await build(t, { maxConnections: 1 });
  const headers = { origin: PAGE };
  const streams = [await watch(app, '/sse/a', headers), await watch(app, '/sse/a', headers)];
  t.match(streams[1]?.text, /event: refused/);
  const requests = [
    [200, { url: '/' }],
    [200, { url: '/metrics' }],
    [201, { method: 'POST', url: '/sse/a', payload: { a: 1 } }],
    [400, { method: 'POST', url: '/sse/a' }],
    [400, { url: '/sse/a%00' }],
    [404, { url: '/nothing' }],
    [405, { method: 'PATCH', url: '/sse/a' }],
    [413, { method: 'POST', url: '/sse/a', payload: 'x'.repeat(300_000), type: 'text/plain' }],
    [415, { method: 'POST', url: '/events', payload: 'x' }],
  ] as const;
  const responses = requests.map(async ([statusCode, { url, ...request }]) => {
    const type = 'type' in request ? { 'content-type': request.type } : {};
    const response = await app.inject({ ...request, url, headers: { ...headers, ...type } });
    t.equal(response.statusCode, statusCode, url);
    return response;
  });
  for (const response of [...streams, ...(await Promise.all(responses))]) {
    t.equal(response.headers['access-control-allow-origin'], PAGE);
    t.equal(response.headers['access-control-expose-headers'], EXPOSED);
    t.equal(response.headers['access-control-allow-credentials'], undefined);
    t.match(response.headers.vary, /Origin/);
  }
});

t.test('a page reads what is left of its limit, and when to come back', async (t) => {
  const { app } = await build(t, { publishRate: 1 });
  const request = { method: 'POST', url: '/sse/a', payload: { a: 1 }, remoteAddress: '192.0.2.1' } as const;
  await app.inject({ ...request, headers: { origin: PAGE } });
  const { statusCode, headers } = await app.inject({ ...request, headers: { origin: PAGE } });
  t.equal(statusCode, 429);
  const sent = Object.keys(headers).filter((name) => name === 'retry-after' || name.startsWith('ratelimit-'));
  t.equal(sent.length, 4);
  const exposed = String(headers['access-control-expose-headers']).split(', ');
  t.strictSame(
    sent.filter((name) => !exposed.includes(name)),
    [],
  );
});

t.test('with credentials a page may use the session, if its origin is named', async (t) => {
  const { app } = await build(t, { ...NAMED, corsCredentials: true });
  const allowed = await app.inject({ url: '/livez', headers: { origin: 'https://a.example' } });
  t.match(allowed.headers, {
    'access-control-allow-origin': 'https://a.example',
    'access-control-allow-credentials': 'true',
  });
  const { headers } = await app.inject({ url: '/livez', headers: { origin: EVIL } });
  t.equal(headers['access-control-allow-origin'], undefined);
  t.equal(headers['access-control-allow-credentials'], undefined);
});

t.test('a page of another origin gets no CORS header, and caches are told why', async (t) => {
  const { app } = await build(t);
  const origins = [EVIL, 'http://localhost.evil.example', 'http://127.0.0.1.evil.example', 'null'];
  for (const origin of origins) {
    for (const url of ['/livez', '/nothing', '/sse/a%00']) {
      const { headers } = await app.inject({ url, headers: { origin } });
      t.match(headers.vary, /Origin/);
      t.strictSame(
        Object.keys(headers).filter((name) => name.startsWith('access-control')),
        [],
        `${origin} ${url}`,
      );
    }
  }
  t.match((await watch(app, '/sse/a', { origin: EVIL })).headers.vary, /Origin/);
});

t.test('the origins of CORS_ORIGIN, and no others', async (t) => {
  const allowed = (setting: string, ...origins: string[]) => origins.filter(parseOrigins(setting).allows);
  const loopback = ['http://127.0.0.1', 'http://[::1]:3000', 'https://localhost'];
  t.strictSame(allowed('loopback', ...loopback, EVIL), loopback);
  t.strictSame(allowed(NAMED.corsOrigin, 'https://b.example:8443', 'https://b.example', PAGE), [
    'https://b.example:8443',
    PAGE,
  ]);
  t.strictSame(allowed('https://a.example', PAGE, 'http://a.example'), []);
  t.strictSame(allowed('null,capacitor://localhost', 'null', 'capacitor://localhost', PAGE), [
    'null',
    'capacitor://localhost',
  ]);
  t.strictSame(allowed('', PAGE, 'null'), []);
  t.strictSame(allowed('*', EVIL, 'null'), [EVIL, 'null']);
  const { app } = await build(t, { corsOrigin: '*' });
  const { headers } = await app.inject({ url: '/livez', headers: { origin: EVIL } });
  t.equal(headers['access-control-allow-origin'], '*');
});

t.test('what no browser sends as an origin stops the start, with what to write instead', async (t) => {
  const problems: [string, RegExp][] = [
    ['https://a.example/', /'https:\/\/a\.example\/' is no origin: write 'https:\/\/a\.example'$/],
    ['https://a.example/path', /write 'https:\/\/a\.example'$/],
    ['https://a.example:443', /write 'https:\/\/a\.example'$/],
    ['HTTPS://A.example', /write 'https:\/\/a\.example'$/],
    ['https://user@a.example', /write 'https:\/\/a\.example'$/],
    ['loopback,a.example', /'a\.example' is no origin: write scheme:\/\/host/],
    ['localhost:5173', /write scheme:\/\/host/],
    ['https://*.a.example', /'https:\/\/\*\.a\.example' is no origin/],
    ['https://a.example,', /'' is no origin/],
    ['file:///index.html', /is no origin/],
  ];
  for (const [CORS_ORIGIN, message] of problems) {
    t.throws(() => readEnvironment({ CORS_ORIGIN }), { name: 'ConfigError', message }, CORS_ORIGIN);
    t.throws(() => readEnvironment({ CORS_ORIGIN }), { message: /^CORS_ORIGIN: [^\n]*$/ });
  }
});

t.test('credentials for pages that are not named stop the start', async (t) => {
  for (const [CORS_ORIGIN, open] of [
    ['*', '\\*'],
    ['https://a.example,*', '\\*'],
    ['https://a.example,null', 'null'],
  ] as const) {
    const message = new RegExp(`^CORS_CREDENTIALS: CORS_ORIGIN must name each origin then, but it has '${open}'$`);
    t.throws(() => readEnvironment({ CORS_ORIGIN, CORS_CREDENTIALS: 'true' }), { name: 'ConfigError', message });
  }
});
