import Fastify, { type FastifyInstance } from 'fastify';
import t from 'tap';
import sluice from '../../src/app.js';
import { build } from '../support/build.js';

// Autoload skips a file without a default export silently, so each plugin's trace is asserted.
t.test('the hub decorates its host with bus, streams and generators', async (t) => {
  const { app } = await build(t);
  for (const name of ['bus', 'streams', 'generators']) {
    t.ok(app.hasDecorator(name), name);
  }
});

t.test('every HTTP plugin is there, for the routes alone', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  const scopes = new Set<FastifyInstance>();
  app.addHook('onRoute', function () {
    scopes.add(this);
  });
  await app.register(sluice);
  await app.ready();
  const inner = [...scopes].find((scope) => scope.hasDecorator('guardMethods'));
  t.ok(inner?.hasDecorator('metrics'), 'metrics');
  t.ok(inner?.hasDecorator('swagger'), 'openapi');
  t.ok(inner?.hasReplyDecorator('hubStream'), 'event-stream');
  for (const name of ['guardMethods', 'metrics', 'swagger']) {
    t.notOk(app.hasDecorator(name), name);
  }
  t.notOk(app.hasReplyDecorator('hubStream'));
  const served = ['access', 'validation', 'bodies', 'cors', 'errors', 'requests', 'shutdown', 'static', 'methods'];
  const plugins = app.printPlugins();
  for (const name of served) {
    t.match(plugins, `sluice-${name}`, name);
  }
});

t.test('beside a host’s own words for its requests and replies', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  for (const name of ['claim', 'principal', 'mayPublish', 'eventStream', 'published', 'log']) {
    app.hasRequestDecorator(name) || app.decorateRequest(name);
    app.hasReplyDecorator(name) || app.decorateReply(name);
  }
  await app.register(sluice);
  t.equal((await app.inject({ method: 'POST', url: '/sse/a', payload: { a: 1 } })).statusCode, 201);
});

t.test('every file of routes/ has routes', async (t) => {
  const { app } = await build(t);
  const routes = [
    ['GET', '/'],
    ['GET', '/events'],
    ['POST', '/events'],
    ['POST', '/notify'],
    ['GET', '/sse/:id'],
    ['POST', '/sse/:id'],
    ['DELETE', '/sse/:id'],
    ['GET', '/stream'],
    ['GET', '/streams'],
    ['PUT', '/tasks/:id'],
    ['GET', '/session'],
    ['POST', '/session'],
    ['DELETE', '/session'],
    ['GET', '/livez'],
    ['GET', '/readyz'],
    ['GET', '/metrics'],
  ] as const;
  for (const [method, url] of routes) {
    t.ok(app.hasRoute({ method, url }), `${method} ${url}`);
  }
});
