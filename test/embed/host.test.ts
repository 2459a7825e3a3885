import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout } from 'node:timers/promises';
import cors from '@fastify/cors';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance } from 'fastify';
import t from 'tap';
import { buildShop } from '../../examples/embed.js';
import sluice, { type SluiceOptions } from '../../src/app.js';
import type { build } from '../support/build.js';
import { connect, request } from '../support/raw-client.js';
import { dataOf, watch } from '../support/watch.js';

async function shop(t: Parameters<typeof build>[0]): Promise<FastifyInstance> {
  const app = await buildShop();
  t.teardown(() => app.close());
  app.post('/echo', async (request) => ({ body: request.body, type: typeof request.body }));
  app.get('/fail', async () => {
    throw new Error('the shop is on fire');
  });
  await app.ready();
  return app;
}

t.test('errors and unknown pages of the host stay its own', async (t) => {
  const app = await shop(t);
  const failed = await app.inject('/fail');
  t.equal(failed.statusCode, 422);
  t.strictSame(failed.json(), { problem: 'the shop is on fire' });
  const unknown = await app.inject('/nothing');
  t.equal(unknown.statusCode, 404);
  t.equal(unknown.body, '<h1>No such page</h1>');
  t.equal((await app.inject({ method: 'DELETE', url: '/echo' })).statusCode, 404, 'no 405 either');
});

t.test('errors and unknown paths under the prefix are the hub’s', async (t) => {
  const app = await shop(t);
  t.match((await app.inject('/live/nothing?a=1')).json(), {
    statusCode: 404,
    code: 'SLUICE_NOT_FOUND',
    message: 'nothing at GET /live/nothing; see /live/docs for what there is',
  });
  t.equal((await app.inject('/live/docs')).statusCode, 200);
  t.equal((await app.inject('/live/sse/a%00')).statusCode, 400);
  t.equal((await app.inject({ method: 'PATCH', url: '/live/sse/a' })).statusCode, 405);
});

t.test('bodies of the host are parsed by the host', async (t) => {
  const app = await shop(t);
  const echo = async (type: string, payload: string) =>
    (await app.inject({ method: 'POST', url: '/echo', headers: { 'content-type': type }, payload })).json();
  t.strictSame(await echo('application/x-www-form-urlencoded', 'a=1'), { body: { a: '1' }, type: 'object' });
  t.strictSame(await echo('text/plain', 'hello'), { body: 'hello', type: 'string' });
  t.strictSame(await echo('application/json', '12345678901234567890'), { body: 12345678901234567000, type: 'number' });
  t.match(await echo('application/x-ndjson', '{}'), { problem: /Unsupported Media Type/ });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const refused = await app.inject({ method: 'POST', url: '/live/sse/a', headers: form, payload: 'a=1' });
  t.equal(refused.statusCode, 415, 'and those of the hub by the hub');
});

t.test(
  'a host’s rules for other origins hold for the hub too; without any, the hub’s hold for the hub alone',
  async (t) => {
    const originOf = async (app: FastifyInstance, url: string, origin: string) =>
      (await app.inject({ url, headers: { origin } })).headers['access-control-allow-origin'];
    const strict = await shop(t);
    t.equal(await originOf(strict, '/', 'http://localhost:1'), 'https://shop.example');
    t.equal(await originOf(strict, '/live/livez', 'http://localhost:1'), 'https://shop.example');
    const app = Fastify();
    t.teardown(() => app.close());
    await app.register(sluice, { prefix: '/live' });
    app.get('/', async () => 'hello');
    t.equal(await originOf(app, '/', 'http://localhost:1'), undefined);
    t.equal(await originOf(app, '/live/livez', 'http://localhost:1'), 'http://localhost:1');
  },
);

t.test('what pages may ask of the host is the host’s to say, also at paths that begin like the prefix', async (t) => {
  for (const prefix of ['/live', undefined]) {
    const app = Fastify();
    t.teardown(() => app.close());
    await app.register(sluice, { corsOrigin: '*', ...(prefix !== undefined && { prefix }) });
    await app.register(async (farm) => {
      await farm.register(cors, { origin: 'https://farm.example', methods: ['PUT'] });
      farm.put('/livestock/:id', async () => 'fed');
    });
    const headers = { origin: 'https://farm.example', 'access-control-request-method': 'PUT' };
    const answer = await app.inject({ method: 'OPTIONS', url: '/livestock/7', headers });
    t.equal(answer.statusCode, 204, `prefix ${prefix}`);
    t.match(answer.headers, {
      'access-control-allow-origin': 'https://farm.example',
      'access-control-allow-methods': 'PUT',
    });
    const own = await app.inject({ method: 'OPTIONS', url: `${prefix ?? ''}/sse/a`, headers });
    t.match(own.headers, { 'access-control-allow-origin': '*' });
  }
});

t.test(
  'the hub says yes to pages for its own paths alone, with a prefix for those that nothing is at, too',
  async (t) => {
    const headers = { origin: 'http://localhost:1', 'access-control-request-method': 'PUT' };
    for (const prefix of ['/live', '/']) {
      const app = Fastify();
      t.teardown(() => app.close());
      await app.register(sluice, { prefix });
      app.put('/livestock/:id', async () => 'fed');
      const ask = async (url: string) => (await app.inject({ method: 'OPTIONS', url, headers })).statusCode;
      t.equal(await ask('/livestock/7'), 404, 'the host’s');
      t.equal(await ask('/live/typo'), prefix === '/live' ? 204 : 404);
    }
  },
);

t.test('bus, streams and generators are all that the host gets', async (t) => {
  const bare = Fastify();
  const app = Fastify();
  t.teardown(() => app.close());
  await app.register(sluice, { prefix: '/live' });
  await app.ready();
  t.strictSame(newKeys(app, bare), ['bus', 'generators', 'streams']);
});

t.test('a route of the host sees none of the hub’s hooks or decorators', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  await app.register(sluice, { prefix: '/live' });
  app.get('/mine', async (request, reply) => ['hubStream' in reply, 'corsPreflightEnabled' in request]);
  const response = await app.inject({ url: '/mine', headers: { origin: 'http://localhost:1' } });
  t.strictSame(response.json(), [false, false]);
  t.strictSame(Object.keys(response.headers).sort(), ['connection', 'content-length', 'content-type', 'date']);
  t.match((await app.inject('/live/metrics')).body, /\nsluice_http_requests_total 1\n/, 'nor is it counted');
});

t.test('what a hook of the host answers under the prefix is sent as it is', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  const answer = { error: { reason: 'not signed in' }, statusCode: '403' };
  app.addHook('onRequest', async (_request, reply) => reply.code(403).send(answer));
  await app.register(sluice, { prefix: '/live' });
  const response = await app.inject({ method: 'POST', url: '/live/sse/a', payload: { a: 1 } });
  t.equal(response.statusCode, 403);
  t.strictSame(response.json(), answer);
});

t.test('a hook of the host closes the hub to all publishers but the host, however they write the path', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  app.addHook('onRequest', async (request, reply) => {
    const isHub = request.routeOptions.url?.startsWith('/hub');
    if (isHub && !['GET', 'HEAD', 'OPTIONS'].includes(request.method)) {
      return reply.code(403).send({ message: 'orders come in at /orders' });
    }
  });
  await app.register(sluice, { prefix: '/hub' });
  const { messages } = await watch(app, '/hub/sse/orders');
  for (const [method, url] of [
    ['POST', '/hub/sse/orders'],
    ['POST', '/%68ub/sse/orders'],
    ['DELETE', '/hub/sse/orders'],
    ['POST', '/hub/events'],
    ['POST', '/hub/notify'],
    ['PUT', '/hub/tasks/a'],
  ] as const) {
    t.equal((await app.inject({ method, url, payload: { message: 'a' } })).statusCode, 403, `${method} ${url}`);
  }
  await app.bus.publish({ stream: 'orders', data: 'tea' });
  await new Promise((resolve) => setImmediate(resolve));
  t.strictSame(
    messages.slice(1).map(({ data }) => data),
    ['tea'],
  );
});

t.test('a host’s way to serialize its replies is not that of the hub', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  app.setReplySerializer((payload) => JSON.stringify({ wrapped: payload }));
  await app.register(sluice, { prefix: '/live' });
  app.get('/mine', async () => ({ a: 1 }));
  t.strictSame((await app.inject('/mine')).json(), { wrapped: { a: 1 } });
  t.match((await app.inject({ method: 'POST', url: '/live/sse/a', payload: { a: 1 } })).json(), { stream: 'a' });
  t.match((await app.inject('/live/nothing')).json(), { code: 'SLUICE_NOT_FOUND' });
  t.match((await app.inject('/live/docs/json')).json(), { openapi: '3.1.0' });
});

t.test('a host may have a description of its API', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  await app.register(swagger);
  app.post('/orders', { schema: { operationId: 'publish' } }, async () => 'stored');
  await app.register(sluice, { prefix: '/live' });
  await app.ready();
  t.equal((await app.inject('/live/docs/json')).statusCode, 200);
  const description = JSON.stringify(app.swagger());
  const ids = [...description.matchAll(/"operationId":"(\w+)"/g)].map(([, id]) => id);
  t.strictSame(ids, ['publish'], 'the names of its operations are its own');
  t.match(description, '"/live/sse/{id}"', 'the hub’s are in it');
});

t.test('a host may have schemas of the same names', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  await app.register(swagger);
  app.addSchema({ $id: 'Error', title: 'Error', type: 'object', properties: { problem: { type: 'string' } } });
  app.get('/orders', { schema: { response: { 400: { $ref: 'Error#' } } } }, async () => 'tea');
  await app.register(sluice, { prefix: '/live' });
  await app.ready();
  t.match(JSON.stringify(app.swagger()), '"problem"');
  const { components } = (await app.inject('/live/docs/json')).json();
  t.ok(components.schemas.Error.properties.code, 'the hub’s is in its own description');
  t.notMatch(JSON.stringify(components), '"problem"', 'where the host’s is not');
});

t.test('nothing of the process is touched: no signal handlers, no environment', async (t) => {
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'uncaughtException', 'unhandledRejection', 'beforeExit', 'exit'];
  const count = () => signals.map((name) => process.listenerCount(name));
  const before = count();
  process.env.DEFAULT_STREAMS = 'from-the-environment';
  t.teardown(() => {
    delete process.env.DEFAULT_STREAMS;
  });
  const env = { ...process.env };
  const app = Fastify();
  await app.register(sluice, { prefix: '/live' });
  await app.ready();
  t.strictSame(count(), before);
  t.strictSame({ ...process.env }, env);
  t.strictSame((await app.inject('/live')).json().streams, ['stock', 'metrics', 'notifications']);
  await watch(app, '/live/sse/clock');
  t.strictSame(app.generators.running, [], 'the demo is off');
  await app.close();
  t.strictSame(count(), before);
});

t.test('it works in a Fastify with default options, without a prefix, and closes with its streams', async (t) => {
  const app = Fastify();
  await app.register(sluice);
  const stream = await watch(app, '/sse/a');
  await app.close();
  t.match(dataOf(stream.messages[0]), { resume: 'fresh' });
  t.ok(stream.isEnded);
});

t.test('a bad option says which one', async (t) => {
  const app = Fastify();
  await t.rejects(register(app, { maxEventBytes: 0 }), {
    name: 'ConfigError',
    message: /^maxEventBytes: /,
  });
  const typo = Fastify();
  await t.rejects(register(typo, { maxEvents: 1 } as object), {
    message: /^maxEvents: no such setting/,
  });
});

t.test(
  'what a host has noted for a request is that of this one, also where its turn to answer comes later',
  async (t) => {
    const users = new AsyncLocalStorage<string>();
    const seen: (readonly [asks: unknown, noted: unknown])[] = [];
    const app = Fastify();
    t.teardown(() => app.close());
    app.addHook('onRequest', ({ headers }, _reply, done) => users.run(String(headers['x-user']), done));
    app.addHook('preHandler', async ({ headers }) => {
      seen.push([headers['x-user'], users.getStore()]);
    });
    app.get('/own', () => setTimeout(50, 'first'));
    await app.register(sluice, { prefix: '/live' });
    const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
    const asking = (line: string, user: string) => request(line, { 'x-user': user });
    const later = asking('GET /live/livez', 'bob') + asking('GET /live/livez', 'carol');
    const client = await connect(t, Number(port), asking('GET /own', 'alice') + later);
    await client.until(/first(?:.|\s)+live(?:.|\s)+live/);
    t.strictSame(
      seen,
      ['alice', 'bob', 'carol'].map((user) => [user, user]),
    );
  },
);

t.test('a second hub in the same scope is one clear error', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  await app.register(sluice, { prefix: '/one' });
  await t.rejects(register(app, { prefix: '/two' }), {
    name: 'ConfigError',
    message: /'bus'.*register each hub in a scope of its own/,
  });
});

t.test('two hubs in scopes of their own know nothing of each other', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  const hubs: FastifyInstance[] = [];
  for (const prefix of ['/one', '/two']) {
    await app.register(async (scope) => {
      await scope.register(sluice, { prefix });
      hubs.push(scope);
    });
  }
  const [one, two] = [await watch(app, '/one/sse/a'), await watch(app, '/two/sse/a')];
  await hubs[0]?.bus.publish({ stream: 'a', data: 'for one' });
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(one.messages.length, 2);
  t.equal(two.messages.length, 1);
});

async function register(app: FastifyInstance, options: SluiceOptions): Promise<void> {
  await app.register(sluice, options);
}

function newKeys(app: FastifyInstance, bare: FastifyInstance): string[] {
  return Object.keys(app)
    .filter((key) => !(key in bare))
    .sort();
}
