import Fastify, { type FastifyInstance } from 'fastify';
import t from 'tap';
import sluice from '../../src/app.js';

t.test('a route that does not say what it needs stops the start', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  let scope: FastifyInstance | undefined;
  app.addHook('onRoute', function ({ url }) {
    scope = url === '/livez' ? this : scope;
  });
  await app.register(sluice);
  scope?.get('/forgotten', async () => 'open');
  const error = { name: 'ConfigError', message: 'the route GET /forgotten does not say what access it needs' };
  await t.rejects(async () => app.ready(), error);
});

t.test('the routes of a host need not say it, and its requests are as they were', async (t) => {
  const host = Fastify();
  t.teardown(() => host.close());
  host.get('/own', async () => 'open');
  await host.register(sluice, { prefix: '/hub', auth: 'local' });
  t.equal((await host.inject({ url: '/own', headers: { host: 'app.example' } })).body, 'open');
  t.notOk(host.hasRequestDecorator('principal'));
});

t.test('each path needs what is documented', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  const needs: Record<string, string> = {};
  app.addHook('onRoute', ({ url, method, config, schema }) => {
    const isGuard = schema !== undefined && 'hide' in schema;
    if (config?.access !== undefined && !isGuard) {
      needs[`${method} ${url}`] = config.access;
    }
  });
  await app.register(sluice);
  await app.ready();
  const of = (access: string) =>
    Object.keys(needs)
      .filter((route) => needs[route] === access && !route.startsWith('HEAD '))
      .sort();
  t.strictSame(of('public'), ['DELETE /session', 'GET /', 'GET /livez', 'GET /readyz']);
  t.strictSame(of('anyone'), ['GET /session', 'POST /session']);
  t.strictSame(of('subscribe'), ['GET /streams', 'GET,HEAD /events', 'GET,HEAD /sse/:id', 'GET,HEAD /stream']);
  t.strictSame(of('subscribe-all'), ['GET /metrics']);
  const publishing = ['DELETE /sse/:id', 'POST /events', 'POST /notify', 'POST /sse/:id', 'PUT /tasks/:id'];
  t.strictSame(of('publish'), publishing);
});
