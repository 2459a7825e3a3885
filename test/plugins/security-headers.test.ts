import { readdir } from 'node:fs/promises';
import helmet from '@fastify/helmet';
import Fastify from 'fastify';
import t from 'tap';
import sluice from '../../src/app.js';
import { publicDir } from '../../src/package.js';
import { build } from '../support/build.js';
import { watch } from '../support/watch.js';

const POLICY = "default-src 'self';base-uri 'none';form-action 'self';frame-ancestors 'self';object-src 'none'";
const HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
};

t.test('pages and files have the security headers, and say nothing of TLS', async (t) => {
  const { app } = await build(t);
  const files = await readdir(publicDir, { recursive: true });
  const script = files.find((name) => name.endsWith('.js')) ?? '';
  t.not(script, '');
  for (const url of ['/', `/${script}`, '/docs', '/metrics']) {
    const { headers, statusCode } = await app.inject({ url, headers: { accept: 'text/html' } });
    t.equal(statusCode, 200, url);
    const policy = url === '/docs' ? /^default-src 'self'; img-src 'self' data:/ : POLICY;
    t.match(headers, { ...HEADERS, 'content-security-policy': policy }, url);
    t.equal(headers['strict-transport-security'], undefined);
    t.equal(headers['x-powered-by'], undefined);
    t.notMatch(headers['content-security-policy'], /upgrade-insecure-requests|script-src/);
  }
});

t.test('JSON and errors of every kind are taken for nothing else, and by no other site', async (t) => {
  const { app } = await build(t);
  const requests = [
    { url: '/' },
    { url: '/streams' },
    { url: '/nothing' },
    { url: '/sse/a%00' },
    { method: 'PATCH', url: '/sse/a' },
    { method: 'POST', url: '/sse/a', payload: { a: 1 } },
  ] as const;
  for (const request of requests) {
    const { headers, statusCode } = await app.inject(request);
    const { 'x-content-type-options': options, 'cross-origin-resource-policy': policy } = headers;
    t.strictSame([options, policy], ['nosniff', 'same-origin'], `${statusCode} ${request.url}`);
    t.equal(headers['content-security-policy'], undefined);
  }
});

t.test('event streams have few headers', async (t) => {
  const { app } = await build(t);
  const { headers } = await watch(app, '/sse/a');
  const few = ['cache-control', 'connection', 'content-type', 'date', 'vary', 'x-accel-buffering'];
  t.strictSame(Object.keys(headers).sort(), [...few, 'x-content-type-options']);
});

t.test('a host with rules of its own has them applied to the hub too', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  await app.register(helmet, { contentSecurityPolicy: false });
  await app.register(sluice, { prefix: '/live' });
  const { headers } = await app.inject('/live/livez');
  t.equal(headers['x-frame-options'], 'SAMEORIGIN');
  t.equal(headers['content-security-policy'], undefined);
});

t.test('what a host sets stays as it is, and its own routes get nothing', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('x-frame-options', 'DENY');
    reply.raw.setHeader('referrer-policy', 'no-referrer');
  });
  await app.register(sluice, { prefix: '/live' });
  app.get('/mine', async () => 'hello');
  const { headers } = await app.inject({ url: '/live/', headers: { accept: 'text/html' } });
  t.match(headers, { ...HEADERS, 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer' });
  t.equal((await app.inject('/mine')).headers['content-security-policy'], undefined);
});
