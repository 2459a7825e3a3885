import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { InjectOptions } from 'fastify';
import t from 'tap';
import { turn } from '../support/clock.js';
import { bearer, guard, keyFile, secretOf } from '../support/keys.js';
import { connect, request } from '../support/raw-client.js';
import { dataOf, watch } from '../support/watch.js';

type Envelope = { data: Record<string, unknown> };

const NOBODY = { statusCode: 401, code: 'SLUICE_UNAUTHORIZED', error: 'Unauthorized' };
const FORBIDDEN = { statusCode: 403, code: 'SLUICE_FORBIDDEN', error: 'Forbidden' };
const KEYS = {
  writer: { publish: ['orders.*', 'tasks.*'] },
  reader: { subscribe: ['orders.*', 'stock'] },
  admin: { publish: ['*'], subscribe: ['*'] },
  idle: {},
};

const PUBLISHES: InjectOptions[] = [
  { method: 'POST', url: '/sse/orders.a', payload: { a: 1 } },
  { method: 'POST', url: '/events', payload: [{ stream: 'orders.a', data: 1 }] },
  { method: 'POST', url: '/notify', payload: { message: 'hello', stream: 'orders.a' } },
  { method: 'PUT', url: '/tasks/t1', payload: { moved: 1, total: 2 } },
  { method: 'DELETE', url: '/sse/orders.a' },
];
const READS: InjectOptions[] = [
  { url: '/events?streams=orders.a' },
  { url: '/sse/orders.a' },
  { url: '/stream' },
  { url: '/streams' },
  { url: '/metrics' },
];
const PUBLIC: InjectOptions[] = ['/', '/livez', '/readyz', '/session', '/docs', '/docs/json'].map((url) => ({ url }));

t.test('without a key nothing is published or read, but what is for everybody', async (t) => {
  const { app } = await guard(t, KEYS);
  for (const request of [...PUBLISHES, ...READS]) {
    const response = await app.inject(request);
    t.match(response.json(), { ...NOBODY, message: /^missing right: .+; send an API key or token/ }, `${request.url}`);
    t.equal(response.headers['www-authenticate'], 'Bearer realm="sluice"');
  }
  for (const request of PUBLIC) {
    t.equal((await app.inject(request)).statusCode, 200, `${request.url}`);
  }
  t.equal(app.bus.log.head, 0);
});

t.test('what somebody sends without a right is refused before its body is read', async (t) => {
  const { app } = await guard(t, KEYS);
  const headers = { 'content-type': 'application/json' };
  for (const [method, url] of [
    ['POST', '/sse/stock'],
    ['PUT', '/tasks/t1'],
    ['POST', '/events'],
    ['POST', '/notify'],
  ] as const) {
    const broken = { method, url, payload: '{"broken' };
    t.equal((await app.inject({ ...broken, headers })).json().code, 'SLUICE_UNAUTHORIZED', url);
    const idle = await app.inject({ ...broken, headers: { ...headers, ...bearer('idle') } });
    t.equal(idle.json().code, 'SLUICE_FORBIDDEN', url);
  }
});

t.test('a key that is removed while a body arrives publishes nothing', async (t) => {
  const { app, clock, path } = await guard(t, KEYS);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const headers = {
    ...bearer('writer'),
    'content-type': 'application/json',
    'content-length': '7',
    connection: 'close',
  };
  const { port } = app.server.address() as AddressInfo;
  const [client] = await Promise.all([
    connect(t, port, request('POST /sse/orders.a', headers)),
    once(app.server, 'request'),
  ]);
  writeFileSync(path, keyFile({ reader: KEYS.reader }));
  while ((await app.inject({ url: '/session', headers: bearer('writer') })).statusCode !== 401) {
    await clock.advance(250);
  }
  client.socket.write('{"a":1}');
  t.match(await client.until(/\}\n$/), /^HTTP\/1\.1 401 [\s\S]*does not hold any more/);
  t.equal(app.bus.log.head, 0);
});

t.test('a key publishes to the stream of the path that its right was asked for, whatever the query says', async (t) => {
  const { app } = await guard(t, KEYS);
  const request = {
    method: 'POST',
    url: '/sse/orders.a?stream=secret',
    payload: {},
    headers: bearer('writer'),
  } as const;
  t.equal((await app.inject(request)).json().stream, 'orders.a');
  t.equal(app.bus.log.head, 1);
  t.notOk(app.bus.log.streams.isPublished('secret'));
});

t.test('a key may do what it says and no more, and is told the right it lacks', async (t) => {
  const { app } = await guard(t, KEYS);
  for (const request of PUBLISHES) {
    const { statusCode } = await app.inject({ ...request, headers: bearer('writer') });
    t.ok(statusCode === 200 || statusCode === 201, `${request.method} ${request.url}`);
    const refused = await app.inject({ ...request, headers: bearer('reader') });
    t.match(refused.json(), { ...FORBIDDEN, message: /^missing right: publish on / }, `${request.url}`);
  }
  const missing = async (request: InjectOptions, name: string) =>
    (await app.inject({ ...request, headers: bearer(name) })).json();
  const right = (text: string) => ({ ...FORBIDDEN, message: `missing right: ${text}` });
  t.match(await missing({ method: 'POST', url: '/sse/stock', payload: {} }, 'writer'), right('publish on stock'));
  t.match(await missing({ method: 'DELETE', url: '/sse/orders' }, 'writer'), right('publish on orders'));
  t.match(
    await missing({ method: 'POST', url: '/notify', payload: { message: 'x' } }, 'writer'),
    right('publish on notifications'),
  );
  t.match(await missing({ url: '/sse/orders.a' }, 'writer'), right('subscribe on any stream'));
  t.match(await missing({ url: '/sse/secret' }, 'reader'), right('subscribe on secret'));
  t.match(await missing({ url: '/stream' }, 'reader'), right('subscribe on time'));
  t.match(await missing({ url: '/events?streams=orders.a,secret' }, 'reader'), right('subscribe on secret'));
  t.match(await missing({ url: '/events?streams=secret.*' }, 'reader'), right('subscribe on secret.*'));
  t.match(await missing({ url: '/metrics' }, 'reader'), right('subscribe on *'));
  t.equal((await app.inject({ url: '/metrics', headers: bearer('admin') })).statusCode, 200);
});

t.test('HEAD on a stream asks for the same right', async (t) => {
  const { app } = await guard(t, KEYS);
  const head = async (url: string, headers = {}) => (await app.inject({ method: 'HEAD', url, headers })).statusCode;
  t.equal(await head('/sse/orders.a'), 401);
  t.equal(await head('/sse/secret', bearer('reader')), 403);
  t.equal(await head('/sse/orders.a', bearer('reader')), 200);
});

t.test('a batch with one forbidden entry is refused whole, and names the first', async (t) => {
  const { app } = await guard(t, KEYS);
  const streams = ['orders.a', 'orders.b', 'stock', 'secret'];
  const json = { payload: streams.map((stream) => ({ stream, data: 1 })), headers: bearer('writer') };
  const ndjson = {
    payload: streams.map((stream) => `{"stream":"${stream}","data":1}`).join('\n'),
    headers: { ...bearer('writer'), 'content-type': 'application/x-ndjson' },
  };
  for (const [place, batch] of Object.entries({ 'event 2': json, 'line 3': ndjson })) {
    const response = await app.inject({ method: 'POST', url: '/events', ...batch });
    t.match(response.json(), { ...FORBIDDEN, message: `${place}: missing right: publish on stock` });
  }
  t.equal(app.bus.log.head, 0, 'nothing was appended');
});

t.test(
  'a pattern is narrowed: connected, the replay, the state and what follows know only what is allowed',
  async (t) => {
    const { app } = await guard(t, KEYS);
    const { id } = await app.bus.publish({ stream: 'secret', data: 'first' });
    await app.bus.publish({ stream: 'orders.a', data: 1 });
    await app.bus.publish({ stream: 'tasks.secret', type: 'progress', data: 'hidden' });
    const resumed = await watch(app, '/events?streams=*', { ...bearer('reader'), 'last-event-id': id });
    const fresh = await watch(app, '/events?streams=*', bearer('reader'));
    await app.bus.publish({ stream: 'secret', data: 'hidden' });
    await app.bus.publish({ stream: 'orders.b', data: 2 });
    await turn();
    const [connected, ...events] = resumed.messages;
    const { resume, streams } = dataOf<Envelope>(connected).data;
    t.strictSame({ resume, streams }, { resume: 'exact', streams: ['stock', 'orders.*'] });
    t.strictSame(
      events.map((event) => dataOf(event).stream),
      ['orders.a', 'orders.b'],
    );
    t.strictSame(
      fresh.messages.slice(1).map((event) => dataOf(event).stream),
      ['orders.b'],
    );
    t.notMatch(resumed.text + fresh.text, /hidden|first|secret/);
  },
);

t.test('the verdict is of what is allowed: what others have lost is no gap', async (t) => {
  const { app } = await guard(t, KEYS);
  const { id } = await app.bus.publish({ stream: 'orders.a', data: 1 });
  await app.bus.publish({ stream: 'secret', data: 1 });
  await app.bus.purge('secret');
  const narrowed = await watch(app, '/events?streams=*', { ...bearer('reader'), 'last-event-id': id });
  t.match(dataOf(narrowed.messages[0]), { data: { resume: 'exact' } });
  const all = await watch(app, '/events?streams=*', { ...bearer('admin'), 'last-event-id': id });
  const { resume, gaps } = dataOf<Envelope>(all.messages[0]).data;
  t.strictSame({ resume, gaps }, { resume: 'gap', gaps: ['secret'] });
});

t.test('?last= brings back only what is allowed', async (t) => {
  const { app } = await guard(t, KEYS);
  for (const stream of ['orders.a', 'secret', 'secret', 'secret']) {
    await app.bus.publish({ stream, data: stream });
  }
  const watcher = await watch(app, '/events?streams=*&last=2', bearer('reader'));
  t.strictSame(
    watcher.messages.slice(1).map((event) => dataOf(event).stream),
    ['orders.a'],
  );
});

t.test('GET /streams lists what may be watched, page by page, whoever else watches', async (t) => {
  const { app } = await guard(t, {
    ...KEYS,
    some: { subscribe: ['a', 'b.*', 'c', 'd.x'] },
  });
  for (const stream of ['a', 'a1', 'b', 'b.1', 'b.2', 'b.3', 'c1', 'd.x', 'd.y', 'zz']) {
    await app.bus.publish({ stream, data: 1 });
  }
  await watch(app, '/events?streams=c,hidden', bearer('admin'));
  const names = async (query: string, name = 'some') => {
    const { streams } = (await app.inject({ url: `/streams${query}`, headers: bearer(name) })).json();
    return streams.map(({ stream }: { stream: string }) => stream);
  };
  t.strictSame(await names(''), ['a', 'b.1', 'b.2', 'b.3', 'c', 'd.x']);
  t.strictSame(await names('?prefix=b'), ['b.1', 'b.2', 'b.3']);
  t.strictSame(await names('?prefix=b.2'), ['b.2']);
  t.strictSame(await names('?prefix=z'), []);
  t.strictSame(await names('?limit=2'), ['a', 'b.1']);
  t.strictSame(await names('?limit=2&after=b.1'), ['b.2', 'b.3']);
  t.strictSame(await names('?limit=2&after=b.3'), ['c', 'd.x']);
  t.strictSame(await names('?limit=2&after=d.x'), []);
  t.equal((await names('', 'admin')).length, 12);
});

t.test('of many patterns GET /streams looks up those only that the page has room for', async (t) => {
  const patterns = Array.from({ length: 100 }, (_, i) => `p${i}.*`);
  const { app } = await guard(t, { some: { subscribe: patterns } });
  const streams = patterns.flatMap((pattern) => [1, 2].map((n) => pattern.replace('*', String(n))));
  await app.bus.publishBatch(streams.map((stream) => ({ stream, data: 1 })));
  const lists = t.capture(app.bus.log.streams, 'list', app.bus.log.streams.list.bind(app.bus.log.streams));
  const page = await app.inject({ url: '/streams?limit=5', headers: bearer('some') });
  t.strictSame(
    page.json().streams.map(({ stream }: { stream: string }) => stream),
    streams.sort().slice(0, 5),
  );
  t.equal(lists().length, 3);
});

for (const [what, authorization, message] of [
  ['a key that nobody has', `Bearer ${secretOf('nobody')}`, /nobody has this key/],
  ['a key cut short', `Bearer ${secretOf('admin').slice(0, -1)}`, /nobody has this key/],
  ['a key with something behind it', `Bearer ${secretOf('admin')}x`, /nobody has this key/],
  ['a key in other letters', `Bearer ${secretOf('admin').toUpperCase()}`, /nobody has this key/],
  ['a key with a space in it', `Bearer sk_ ${secretOf('admin').slice(3)}`, /must be the word Bearer/],
  ['a key behind a tab', `Bearer\t${secretOf('admin')}`, /must be the word Bearer/],
  ['two keys', `Bearer ${secretOf('idle')}, Bearer ${secretOf('admin')}`, /must be the word Bearer/],
  ['a key alone', secretOf('admin'), /must be the word Bearer/],
  [
    'another scheme',
    `Basic ${Buffer.from(`admin:${secretOf('admin')}`).toString('base64')}`,
    /must be the word Bearer/,
  ],
  ['nothing behind Bearer', 'Bearer ', /must be the word Bearer/],
  ['an empty header', '', /must be the word Bearer/],
  ['a key with letters of no header', `Bearer ${secretOf('admin')}é`, /must be the word Bearer/],
  ['the hash of a key', `Bearer ${'ab'.repeat(32)}`, /nobody has this key/],
] as const) {
  t.test(`${what} is 401, also where nobody needs one, and is not repeated`, async (t) => {
    const { app } = await guard(t, KEYS, { authAnonymousSubscribe: '*' });
    for (const request of [...PUBLISHES, ...READS, { url: '/session' }]) {
      const response = await app.inject({ ...request, headers: { authorization } });
      t.match(response.json(), { ...NOBODY, message }, `${request.url}`);
      t.equal(response.headers['www-authenticate'], 'Bearer realm="sluice", error="invalid_token"');
      t.notOk(response.body.includes(secretOf('admin').slice(3, 20)), 'not repeated');
    }
    t.equal(app.bus.log.head, 0);
  });
}

t.test('the word Bearer may be written in any letters', async (t) => {
  const { app } = await guard(t, KEYS);
  for (const word of ['bearer', 'BEARER', 'bEaReR  ']) {
    const headers = { authorization: `${word} ${secretOf('admin')}` };
    t.equal((await app.inject({ url: '/metrics', headers })).statusCode, 200, word);
  }
});

t.test('no key is read from a URL', async (t) => {
  const { app } = await guard(t, KEYS);
  const key = secretOf('admin');
  for (const name of ['token', 'access_token', 'authorization', 'key', 'api_key', 'sluice', 'jwt']) {
    for (const url of [`/sse/orders.a?${name}=${key}`, `/streams?${name}=${key}`]) {
      t.match((await app.inject(url)).json(), NOBODY, url);
    }
  }
});

t.test('the public may read what is public, and publish nothing', async (t) => {
  const { app } = await guard(t, KEYS, { authAnonymousSubscribe: 'public.*,stock' });
  const watcher = await watch(app, '/events?streams=*');
  t.strictSame(dataOf<Envelope>(watcher.messages[0]).data.streams, ['stock', 'public.*']);
  t.equal((await app.inject('/streams')).statusCode, 200);
  for (const [url, right] of [
    ['/sse/orders.a', 'subscribe on orders.a'],
    ['/metrics', 'subscribe on *'],
  ]) {
    t.match((await app.inject(`${url}`)).json(), {
      ...NOBODY,
      message: new RegExp(`^missing right: ${right?.replace('*', '\\*')};`),
    });
  }
  const publish = { method: 'POST', url: '/sse/public.a', payload: { a: 1 } } as const;
  t.match((await app.inject(publish)).json(), NOBODY);
  t.strictSame((await app.inject('/session')).json(), {
    mode: 'on',
    principal: 'anonymous',
    publish: [],
    subscribe: ['stock', 'public.*'],
  });
});

t.test('an Idempotency-Key of one is not that of another', async (t) => {
  const { app } = await guard(t, { a: { publish: ['s'] }, b: { publish: ['s'] } });
  const publish = (name: string) => {
    const headers = { ...bearer(name), 'idempotency-key': 'k' };
    return app.inject({ method: 'POST', url: '/sse/s', payload: { a: 1 }, headers });
  };
  const [first, other, again] = [await publish('a'), await publish('b'), await publish('a')];
  t.equal(other.headers['idempotent-replayed'], undefined);
  t.equal(again.headers['idempotent-replayed'], 'true');
  t.equal(again.json().id, first.json().id);
  t.equal(app.bus.log.head, 2);
});

t.test('a preflight, another method and a path that is not there are answered without a key', async (t) => {
  const { app } = await guard(t, KEYS);
  t.equal((await app.inject({ method: 'OPTIONS', url: '/sse/a' })).statusCode, 204);
  t.equal((await app.inject({ method: 'PATCH', url: '/sse/a' })).statusCode, 405);
  t.equal((await app.inject({ url: '/nothing' })).statusCode, 404);
});

t.test('refusals carry the CORS headers, so that a page can tell why', async (t) => {
  const { app } = await guard(t, KEYS);
  const headers = { origin: 'http://localhost:5173' };
  const response = await app.inject({ url: '/sse/orders.a', headers });
  t.equal(response.statusCode, 401);
  t.equal(response.headers['access-control-allow-origin'], headers.origin);
});
