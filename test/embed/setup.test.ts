import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import Fastify from 'fastify';
import t from 'tap';
import sluice from '../../src/app.js';
import { watch } from '../support/watch.js';

t.test('a host that answers unknown paths itself goes on doing so beside a hub without a prefix', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  app.setNotFoundHandler((_request, reply) => reply.code(404).send('no such page'));
  await app.register(sluice);
  t.equal((await app.inject('/nothing')).body, 'no such page');
  t.equal((await app.inject('/livez')).statusCode, 200);
});

t.test('so does a scope with a prefix of its own', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  await app.register(
    async (scope) => {
      scope.setNotFoundHandler((_request, reply) => reply.code(404).send('no such call'));
      await scope.register(sluice);
    },
    { prefix: '/api' },
  );
  t.equal((await app.inject('/api/nothing')).body, 'no such call');
  t.equal((await app.inject({ method: 'POST', url: '/api/livez' })).statusCode, 405);
});

t.test('a prefix may end in a slash', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  await app.register(sluice, { prefix: '/live/' });
  t.match((await app.inject('/live')).json().endpoints, { events: '/live/events', docs: '/live/docs' });
});

t.test('beside a host that ignores slashes at the end', async (t) => {
  for (const prefix of ['/live', undefined]) {
    const app = Fastify({ routerOptions: { ignoreTrailingSlash: true } });
    t.teardown(() => app.close());
    await app.register(sluice, prefix === undefined ? {} : { prefix });
    for (const path of ['', '/', '/livez', '/livez/']) {
      const url = `${prefix ?? ''}${path}` || '/';
      t.equal((await app.inject(url)).statusCode, 200, url);
      t.equal((await app.inject({ method: 'DELETE', url })).statusCode, 405, url);
    }
    t.match((await app.inject(`${prefix ?? ''}/docs/json`)).body, '"operationId":"getInfo"');
  }
});

t.test(
  'behind a host that writes addresses anew, the dashboard is sent to under the one that was asked for',
  async (t) => {
    const app = Fastify({ rewriteUrl: ({ url = '' }) => url.replace(/^\/public\/now/, '/live') });
    t.teardown(() => app.close());
    await app.register(sluice, { prefix: '/live' });
    const headers = { accept: 'text/html' };
    t.equal((await app.inject({ url: '/public/now', headers })).headers.location, 'now/');
    t.equal((await app.inject({ url: '/live', headers })).headers.location, 'live/');
  },
);

t.test('nobody takes the events from the watchers', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  await app.register(sluice);
  t.throws(() => app.bus.log.listen({ committed: () => 0, trimmed() {}, purged() {} }), /watch over HTTP/);
});

t.test('requests under the prefix are logged from the level that is set for them', async (t) => {
  const lines: string[] = [];
  const app = Fastify({ logger: { level: 'info', stream: { write: (line: string) => lines.push(line) } } });
  t.teardown(() => app.close());
  await app.register(sluice, { prefix: '/live', logLevel: 'warn' });
  app.get('/', async () => 'hello');
  await app.inject('/live/livez');
  t.equal(lines.length, 0);
  await app.inject('/');
  t.equal(lines.length, 2);
});

t.test('and with the serializers that are set for them', async (t) => {
  const lines: string[] = [];
  const app = Fastify({ logger: { level: 'info', stream: { write: (line: string) => lines.push(line) } } });
  t.teardown(() => app.close());
  await app.register(sluice, { prefix: '/live', logSerializers: { req: () => 'of the hub' } });
  app.get('/', async () => 'hello');
  await app.inject('/live/livez');
  await app.inject('/');
  const [hub, host] = lines.map((line) => JSON.parse(line)).filter(({ req }) => req !== undefined);
  t.equal(hub.req, 'of the hub');
  t.match(host.req, { method: 'GET', url: '/' });
});

t.test('a host that has a bus of its own takes the hub into a scope', async (t) => {
  const shop = Fastify();
  t.teardown(() => shop.close());
  shop.decorate('bus', { route: 7 } as never);
  await shop.register(async (scope) => {
    await scope.register(sluice, { prefix: '/live' });
    scope.post('/orders', async () => scope.bus.publish({ stream: 'orders', data: 'tea' }));
  });
  t.match((await shop.inject({ method: 'POST', url: '/orders' })).json(), { stream: 'orders' });
  t.strictSame(shop.bus, { route: 7 });
});

t.test('a host’s own word for who a request is from stays its own, under the prefix too', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  const users: unknown[] = [];
  app.decorateRequest('principal');
  app.addHook('onRequest', async (request) => request.setDecorator('principal', 'ada'));
  app.addHook('onResponse', async (request) => void users.push(request.getDecorator('principal')));
  await app.register(sluice, { prefix: '/live' });
  await app.inject('/live/livez');
  t.strictSame(users, ['ada']);
});

t.test('a host may have schemas of another kind than the hub', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  const compile = ({ schema }: { schema: unknown }) => {
    throw new Error(`not one of the host’s schemas: ${JSON.stringify(schema)}`);
  };
  app.setValidatorCompiler(compile);
  app.setSerializerCompiler(compile);
  await app.register(sluice, { prefix: '/live' });
  await app.ready();
  t.equal((await app.inject({ method: 'POST', url: '/live/sse/a', payload: { a: 1 } })).statusCode, 201);
  t.equal((await app.inject('/live/docs/json')).statusCode, 200);
});

t.test(
  'headers that a host sets in onRequest are on streams; its onSend hooks, which may change replies, are not run',
  async (t) => {
    const app = Fastify();
    t.teardown(() => app.close());
    app.addHook('onRequest', async (_request, reply) => void reply.header('x-shop', 'tea'));
    app.addHook('onSend', async () => 'changed');
    await app.register(sluice, { prefix: '/live' });
    const { headers, text } = await watch(app, '/live/sse/a');
    t.equal(headers['x-shop'], 'tea');
    t.match(text, /^retry: /);
    t.equal((await app.inject('/live/livez')).body, 'changed');
  },
);

t.test('a header of the host that Node does not send is a 500, not a stream that never begins', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  app.addHook('onRequest', async (_request, reply) => void reply.header('x-user', '名前'));
  await app.register(sluice, { prefix: '/live' });
  t.equal((await app.inject('/live/sse/a')).statusCode, 500);
  t.equal(app.streams.size, 0);
});

t.test('what a hook of the host throws under the prefix is answered in the hub’s form, with its status', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  app.setErrorHandler((_error, _request, reply) => reply.send('the host’s'));
  app.addHook('onRequest', async () => {
    throw Object.assign(new Error('pay first'), { statusCode: 402, code: 'SHOP_UNPAID' });
  });
  await app.register(sluice, { prefix: '/live' });
  const problem = { statusCode: 402, code: 'SHOP_UNPAID', error: 'Payment Required', message: 'pay first' };
  t.strictSame((await app.inject('/live/sse/a')).json(), problem);
  t.equal((await app.inject('/elsewhere')).body, 'the host’s');
});

t.test('a test of the host takes a stream as it comes', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  await app.register(sluice, { prefix: '/hub' });
  const { stream } = await app.inject({ url: '/hub/sse/orders', payloadAsStream: true });
  await app.bus.publish({ stream: 'orders', data: 'tea' });
  let text = '';
  for await (const chunk of stream()) {
    text += String(chunk);
    if (text.includes('data: tea')) {
      break;
    }
  }
  t.match(text, /data: tea\n\n$/);
});

t.test('a program that only injects requests ends by itself, though it never closes the hub', async (t) => {
  const keys = join(t.testdir({ 'keys.json': '[]' }), 'keys.json');
  const source = `
    import Fastify from 'fastify';
    import sluice from './src/app.ts';
    const app = Fastify();
    await app.register(sluice, { demo: true, auth: 'on', authKeysFile: ${JSON.stringify(keys)} });
    console.log((await app.inject('/livez')).statusCode);`;
  const args = ['--import=tsx', '--input-type=module', '--eval', source];
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 });
  t.strictSame([stdout, status], ['200\n', 0]);
});
