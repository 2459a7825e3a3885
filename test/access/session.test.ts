import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Fastify, { type InjectOptions } from 'fastify';
import { SignJWT } from 'jose';
import t from 'tap';
import sluice from '../../src/app.js';
import { build } from '../support/build.js';
import { createTestClock, START } from '../support/clock.js';
import { bearer, guard, keyFile, secretOf } from '../support/keys.js';
import { dataOf, watch } from '../support/watch.js';

const KEYS = { web: { publish: ['orders.*'], subscribe: ['orders.*'] } };
const SECRET = 'a secret of thirty-two bytes, or more';
const OWN = { 'sec-fetch-site': 'same-origin' };
const PUBLISH = { method: 'POST', url: '/sse/orders.a', payload: { a: 1 } } as const;

type Envelope = { data: Record<string, unknown> };

const cookie = (token: string, name = 'sluice') => ({ cookie: `${name}=${token}` });
const sign = (claims = {}) =>
  new SignJWT({ sub: 'ada', exp: START / 1000 + 600, sluice: { publish: ['*'], subscribe: ['*'] }, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from(SECRET));

t.test('a key signs a browser in: the cookie holds the key, for this server and no script', async (t) => {
  const { app } = await guard(t, KEYS);
  const response = await app.inject({ method: 'POST', url: '/session', headers: bearer('web') });
  t.equal(response.statusCode, 204);
  t.equal(response.body, '');
  t.equal(response.headers['set-cookie'], `sluice=${secretOf('web')}; Path=/; HttpOnly; SameSite=Strict`);
  const session = { mode: 'on', principal: 'key:web', publish: ['orders.*'], subscribe: ['orders.*'] };
  const read = await app.inject({ url: '/session', headers: cookie(secretOf('web')) });
  t.strictSame(read.json(), session);
  t.equal(read.headers['cache-control'], 'no-store');
  const watcher = await watch(app, '/events?streams=*', cookie(secretOf('web')));
  t.strictSame(dataOf<Envelope>(watcher.messages[0]).data.streams, ['orders.*']);
});

t.test('a token signs in until it expires', async (t) => {
  const { app } = await build(t, { auth: 'on', authJwtSecret: SECRET });
  const token = await sign();
  const headers = { authorization: `Bearer ${token}` };
  const response = await app.inject({ method: 'POST', url: '/session', headers });
  t.equal(response.headers['set-cookie'], `sluice=${token}; Max-Age=600; Path=/; HttpOnly; SameSite=Strict`);
  t.strictSame((await app.inject({ url: '/session', headers: cookie(token) })).json(), {
    mode: 'on',
    principal: 'jwt::ada',
    publish: ['*'],
    subscribe: ['*'],
    expires: START + 600_000,
  });
});

t.test('a cookie is kept for the whole of the last second of its token', async (t) => {
  const { app, clock } = await build(t, { auth: 'on', authJwtSecret: SECRET });
  await clock.advance(200);
  const headers = { authorization: `Bearer ${await sign()}` };
  const response = await app.inject({ method: 'POST', url: '/session', headers });
  t.match(response.headers['set-cookie'], /; Max-Age=600;/, 'of 599.8 s');
});

t.test('over https it is __Host-, which browsers send to this host alone and over https alone', async (t) => {
  const path = join(t.testdir({ 'keys.json': keyFile(KEYS) }), 'keys.json');
  const app = Fastify({ trustProxy: 'loopback' });
  app.register(sluice, { auth: 'on', authKeysFile: path, clock: createTestClock() });
  t.teardown(() => app.close());
  const proxied = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'hub.example' };
  const sent = await app.inject({ method: 'POST', url: '/session', headers: { ...bearer('web'), ...proxied } });
  t.equal(sent.statusCode, 204);
  t.equal(sent.headers['set-cookie'], `__Host-sluice=${secretOf('web')}; Path=/; HttpOnly; Secure; SameSite=Strict`);
  const read = async (name: string) =>
    (await app.inject({ url: '/session', headers: { ...proxied, ...cookie(secretOf('web'), name) } })).json();
  t.equal((await read('__Host-sluice')).principal, 'key:web');
  t.equal((await read('sluice')).principal, 'anonymous', 'any neighbour could have set that one');
  const publish = (origin: string) => {
    const headers = { ...proxied, ...cookie(secretOf('web'), '__Host-sluice'), origin };
    return app.inject({ ...PUBLISH, headers });
  };
  t.equal((await publish('https://hub.example')).statusCode, 201);
  t.equal((await publish('http://hub.example')).statusCode, 403);
});

t.test('on http off the loopback, or behind a proxy that is not trusted, nobody signs in', async (t) => {
  const { app } = await guard(t, KEYS);
  for (const headers of [
    { host: 'hub.example' },
    { host: '192.168.1.5:3000' },
    { 'x-forwarded-proto': 'https' },
    { forwarded: 'proto=https' },
  ]) {
    const sent = { ...bearer('web'), ...headers } as Record<string, string>;
    const response = await app.inject({ method: 'POST', url: '/session', headers: sent });
    t.match(response.json(), { statusCode: 400, code: 'SLUICE_SESSION_REFUSED', message: /^signing in needs https: / });
    t.equal(response.headers['set-cookie'], undefined);
  }
});

t.test('only a bearer signs in: neither nobody, nor a cookie, nor what does not hold', async (t) => {
  const { app } = await guard(t, KEYS);
  const signIn = (headers = {}) => app.inject({ method: 'POST', url: '/session', headers });
  for (const headers of [{}, { ...cookie(secretOf('web')), ...OWN }, bearer('nobody')]) {
    const response = await signIn(headers);
    t.match(response.json(), { statusCode: 401, code: 'SLUICE_UNAUTHORIZED' });
    t.equal(response.headers['set-cookie'], undefined);
  }
});

t.test('a token that no cookie can keep is refused, not lost', async (t) => {
  const { app } = await build(t, { auth: 'on', authJwtSecret: SECRET });
  const token = await sign({ more: 'x'.repeat(4000) });
  const headers = { authorization: `Bearer ${token}` };
  const response = await app.inject({ method: 'POST', url: '/session', headers });
  t.match(response.json(), { statusCode: 400, code: 'SLUICE_SESSION_REFUSED', message: /, and a cookie keeps 4000: / });
});

t.test('where nobody has a key nobody signs in', async (t) => {
  for (const auth of ['off', 'local'] as const) {
    const { app } = await build(t, { auth });
    const response = await app.inject({ method: 'POST', url: '/session', headers: bearer('web') });
    t.match(response.json(), { statusCode: 400, message: `nobody signs in here: AUTH is ${auth}` });
  }
});

t.test('what changes something with the cookie must come from a page of this server (CSRF)', async (t) => {
  const { app } = await guard(t, KEYS);
  const requests: InjectOptions[] = [
    PUBLISH,
    { method: 'POST', url: '/events', payload: [{ stream: 'orders.a', data: 1 }] },
    { method: 'POST', url: '/notify', payload: { message: 'x', stream: 'orders.a' } },
    { method: 'PUT', url: '/tasks/t', payload: { moved: 1, total: 1 } },
    { method: 'DELETE', url: '/sse/orders.a' },
  ];
  for (const headers of [
    {},
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'cross-site', origin: 'http://localhost:80' },
    { origin: 'https://evil.example' },
    { origin: 'http://localhost:5173' },
    { origin: 'https://localhost' },
    { origin: 'null' },
    { referer: 'http://localhost/' },
  ]) {
    for (const request of requests) {
      const sent = { ...cookie(secretOf('web')), ...headers } as Record<string, string>;
      const response = await app.inject({ ...request, headers: sent });
      t.match(
        response.json(),
        { statusCode: 403, code: 'SLUICE_CROSS_SITE' },
        `${request.url} ${JSON.stringify(headers)}`,
      );
    }
  }
  t.equal(app.bus.log.head, 0, 'nothing was published');
});

t.test('a page of this server publishes with the cookie', async (t) => {
  const { app } = await guard(t, KEYS);
  for (const headers of [OWN, { host: 'localhost:3000', origin: 'http://localhost:3000' }]) {
    const sent = { ...cookie(secretOf('web')), ...headers } as Record<string, string>;
    t.equal((await app.inject({ ...PUBLISH, headers: sent })).statusCode, 201, JSON.stringify(headers));
  }
});

t.test('with a bearer beside the cookie the bearer counts, and no page is asked for', async (t) => {
  const { app } = await guard(t, { ...KEYS, other: { publish: ['*'] } });
  const headers = { ...cookie(secretOf('web')), ...bearer('other') };
  t.equal((await app.inject({ ...PUBLISH, headers })).statusCode, 201);
  t.equal((await app.inject({ url: '/session', headers })).json().principal, 'key:other');
});

t.test('a forged cookie is 401, and the browser forgets it', async (t) => {
  const { app } = await guard(t, KEYS, { authJwtSecret: SECRET, authAnonymousSubscribe: '*' });
  const [header, payload] = (await sign()).split('.');
  const forgery = createHmac('sha256', 'guessed').update(`${header}.${payload}`).digest('base64url');
  const tokens = [
    'key:web',
    secretOf('nobody'),
    `${header}.${payload}.${forgery}`,
    `${header}.${payload}.`,
    '%00',
    '%zz',
    '__proto__',
    await sign({ exp: START / 1000 - 1 }),
  ];
  for (const token of tokens) {
    const response = await app.inject({ url: '/sse/orders.a', headers: cookie(token) });
    t.match(
      response.json(),
      { statusCode: 401, code: 'SLUICE_UNAUTHORIZED', message: /^the session has ended: / },
      token,
    );
    t.equal(response.headers['set-cookie'], 'sluice=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict');
  }
  for (const header of ['sluice', '__proto__=x', 'constructor=x', ';;;', '=', 'other=1; Sluice=x']) {
    const response = await app.inject({ url: '/session', headers: { cookie: header } });
    t.equal(response.json().principal, 'anonymous', `${header} is no session`);
  }
});

t.test('signing out clears the cookie; what it held holds on until its key is removed', async (t) => {
  const { app, path, clock } = await guard(t, KEYS);
  const gone = await app.inject({ method: 'DELETE', url: '/session', headers: cookie(secretOf('web')) });
  t.equal(gone.statusCode, 204);
  t.equal(gone.headers['set-cookie'], 'sluice=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict');
  const replay = () => app.inject({ url: '/session', headers: cookie(secretOf('web')) });
  t.equal((await replay()).json().principal, 'key:web', 'the server keeps no sessions');
  writeFileSync(path, keyFile({}));
  while ((await replay()).statusCode === 200) {
    await clock.advance(250);
  }
  t.match((await replay()).json(), { statusCode: 401, message: /^the session has ended: nobody has this key/ });
});

t.test('a cookie that does not hold keeps nobody from signing out, or from what is for everybody', async (t) => {
  const { app } = await guard(t, KEYS);
  const headers = cookie('forged');
  t.equal((await app.inject({ method: 'DELETE', url: '/session', headers })).statusCode, 204);
  for (const url of ['/', '/livez', '/readyz', '/docs']) {
    t.equal((await app.inject({ url, headers })).statusCode, 200, url);
  }
});
