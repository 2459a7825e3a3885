import { once } from 'node:events';
import { type AddressInfo, createConnection } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import t from 'tap';
import { checkLocal } from '../../src/access/local.js';
import sluice from '../../src/app.js';
import { build } from '../support/build.js';
import { connect, request } from '../support/raw-client.js';
import { serve } from '../wire/serve.js';

const REFUSED = { statusCode: 403, code: 'SLUICE_LOCAL_ONLY', error: 'Forbidden' };
const WAYS_ON = /^open to this machine only, and .+: configure API keys or tokens .+, or say AUTH=off .+$/;
const REQUESTS = [
  { url: '/' },
  { url: '/livez' },
  { url: '/sse/a' },
  { url: '/streams' },
  { url: '/docs/json' },
  { method: 'POST', url: '/sse/a', payload: { a: 1 } },
  { method: 'DELETE', url: '/sse/a' },
] as const;

for (const [what, headers, why] of [
  ['a Host of the web, as after DNS rebinding', { host: 'evil.example' }, /the Host is not localhost/],
  ['a Host that begins like this machine', { host: 'localhost.evil.example' }, /the Host/],
  ['a Host that begins like an address of it', { host: '127.0.0.1.evil.example:3000' }, /the Host/],
  ['an address in the network', { host: '192.168.1.5:3000' }, /the Host/],
  ['an address of the network in brackets', { host: '[2001:db8::1]:3000' }, /the Host/],
  ['a name that is no address of it', { host: '127.0.0.999' }, /the Host/],
  ['two hosts in one', { host: 'localhost, evil.example' }, /the Host/],
  ['a page of another origin', { origin: 'https://evil.example' }, /a page of another origin/],
  ['a page that begins like this machine', { origin: 'http://localhost.evil.example' }, /a page of another origin/],
  ['a page without an origin', { origin: 'null' }, /a page of another origin/],
  ['a link, image or form of another site', { 'sec-fetch-site': 'cross-site' }, /another site sent/],
  ['a neighbour of the same site', { 'sec-fetch-site': 'same-site' }, /another site sent/],
  ['X-Forwarded-For', { 'x-forwarded-for': '203.0.113.5' }, /a proxy has passed/],
  ['an empty X-Forwarded-For', { 'x-forwarded-for': '' }, /a proxy has passed/],
  ['any X-Forwarded header', { 'x-forwarded-prefix': '/hub' }, /a proxy has passed/],
  ['Forwarded', { forwarded: 'for=203.0.113.5' }, /a proxy has passed/],
  ['X-Real-IP', { 'x-real-ip': '203.0.113.5' }, /a proxy has passed/],
  ['Via', { via: '1.1 proxy' }, /a proxy has passed/],
] as const) {
  t.test(`${what} is refused whatever it asks for, and told the ways on`, async (t) => {
    const { app } = await build(t, { auth: 'local' });
    for (const request of REQUESTS) {
      const response = await app.inject({ ...request, headers: { ...headers } });
      t.match(response.json(), { ...REFUSED, message: WAYS_ON }, request.url);
      t.match(response.json().message, why);
    }
    t.equal(app.bus.log.head, 0, 'nothing was published');
  });
}

t.test('programs and pages of this machine get through', async (t) => {
  const { app } = await build(t, { auth: 'local' });
  const origins = ['http://localhost:5173', 'http://127.0.0.1', 'https://[::1]:8443'];
  const hosts = [
    'localhost',
    'localhost:3000',
    '127.0.0.1:3000',
    '127.1.2.3',
    '[::1]:3000',
    'LOCALHOST:80',
    '[::ffff:127.0.0.1]',
  ];
  for (const headers of [
    {},
    ...hosts.map((host) => ({ host })),
    ...origins.map((origin) => ({ origin, 'sec-fetch-site': 'same-site' })),
    { origin: 'http://127.0.0.1:5173', host: 'localhost:3000', 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
  ]) {
    const response = await app.inject({ method: 'POST', url: '/sse/a', payload: { a: 1 }, headers });
    t.equal(response.statusCode, 201, JSON.stringify(headers));
  }
});

for (const remoteAddress of ['203.0.113.5', '192.168.1.5', '::ffff:203.0.113.5', '2001:db8::1', 'fe80::1', '::']) {
  t.test(`a request from ${remoteAddress} is refused whatever it asks for and calls this machine`, async (t) => {
    const { app } = await build(t, { auth: 'local' });
    for (const request of REQUESTS) {
      const response = await app.inject({ ...request, remoteAddress, headers: { host: 'localhost' } });
      t.match(response.json(), { ...REFUSED, message: WAYS_ON }, request.url);
      t.match(response.json().message, /comes from another one/);
    }
    t.equal(app.bus.log.head, 0, 'nothing was published');
  });
}

t.test('each address of the loopback gets through', async (t) => {
  const { app } = await build(t, { auth: 'local' });
  for (const remoteAddress of ['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1']) {
    t.equal((await app.inject({ url: '/streams', remoteAddress })).statusCode, 200, remoteAddress);
  }
});

t.test('so does a client on a Unix socket', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  await app.register(sluice, { auth: 'local' });
  const path = join(t.testdir(), 'hub.sock');
  await app.listen({ path });
  const client = await connect(t, 0, request('GET /streams'), createConnection(path));
  t.match(await client.until(/\}\n$/), /^HTTP\/1\.1 200 /);
});

t.test(
  'who has reset its connection is not taken for this machine: nobody can say any more where it was',
  async (t) => {
    const { app, port, url } = await serve(t, { auth: 'local' });
    const accepted = once(app.server, 'connection');
    const client = await connect(t, port);
    await accepted;
    const asked = once(app.server, 'request');
    client.send(request('POST /sse/a', { 'content-type': 'text/plain', 'content-length': '5' }, 'hello'));
    client.socket.resetAndDestroy();
    await asked;
    const headers = { 'content-type': 'text/plain' };
    t.equal((await fetch(`${url}/sse/a`, { method: 'POST', body: 'hello', headers })).status, 201);
    t.equal(app.bus.log.head, 1, 'nothing was published before');
  },
);

/** This machine's address for others: what comes from it, comes as from another machine. Undefined where it has none. */
const outside = Object.values(networkInterfaces())
  .flatMap((addresses = []) => addresses)
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

if (outside !== undefined) {
  t.test('embedded in a host that others reach it is for this machine all the same', async (t) => {
    const app = Fastify();
    t.teardown(() => app.close());
    await app.register(sluice, { auth: 'local' });
    await app.listen({ port: 0, host: '0.0.0.0' });
    const { port } = app.server.address() as AddressInfo;
    const ask = async (host: string) => {
      const socket = createConnection({ port, host });
      const client = await connect(t, port, request('GET /streams'), socket);
      return client.until(/\}\n$/);
    };
    t.match(await ask('127.0.0.1'), /^HTTP\/1\.1 200 /);
    t.match(await ask(outside), /^HTTP\/1\.1 403 .+SLUICE_LOCAL_ONLY/s);
  });
}

t.test('a page whose origin CORS_ORIGIN names gets through; * names none', async (t) => {
  const ask = async (corsOrigin: string) => {
    const { app } = await build(t, { auth: 'local', corsOrigin });
    const headers = { origin: 'https://app.example', 'sec-fetch-site': 'cross-site' };
    return (await app.inject({ url: '/livez', headers })).statusCode;
  };
  t.equal(await ask('loopback,https://app.example'), 200);
  t.equal(await ask('https://other.example'), 403);
  t.equal(await ask('*'), 403);
});

t.test('a page without an origin is refused even where CORS_ORIGIN names null', async (t) => {
  const { app } = await build(t, { auth: 'local', corsOrigin: 'loopback,null' });
  const headers = { origin: 'null', 'sec-fetch-site': 'cross-site' };
  const response = await app.inject({ method: 'POST', url: '/sse/a', payload: { a: 1 }, headers });
  t.match(response.json(), { ...REFUSED, message: /a page of another origin/ });
});

t.test('everybody who gets through may do everything', async (t) => {
  const { app } = await build(t, { auth: 'local' });
  t.strictSame((await app.inject('/session')).json(), {
    mode: 'local',
    principal: 'local',
    publish: ['*'],
    subscribe: ['*'],
  });
});

t.test('embedded nothing of this holds, unless it is asked for', async (t) => {
  const { app } = await build(t);
  const headers = { host: 'hub.example', origin: 'https://evil.example', 'x-forwarded-for': '203.0.113.5' };
  t.equal((await app.inject({ method: 'POST', url: '/sse/a', payload: { a: 1 }, headers })).statusCode, 201);
});

t.test('a socket without addresses is one of this machine only while it is open', async (t) => {
  const sender = { headers: {}, rawHeaders: [], httpVersion: '1.1' };
  const check = (destroyed: boolean) => () =>
    checkLocal('localhost', { ...sender, socket: { remoteAddress: undefined, destroyed } }, () => false);
  t.doesNotThrow(check(false), 'a Unix socket');
  t.throws(check(true), { statusCode: 403, code: 'SLUICE_LOCAL_ONLY' }, 'one that was reset may have been any');
});
