import Fastify, { type HTTPMethods } from 'fastify';
import t from 'tap';
import sluice from '../../src/app.js';
import { build } from '../support/build.js';

const ALLOWED: Record<string, string> = {
  '/': 'GET, HEAD, OPTIONS',
  '/events': 'GET, HEAD, OPTIONS, POST',
  '/sse/a': 'DELETE, GET, HEAD, OPTIONS, POST',
  '/stream': 'GET, HEAD, OPTIONS',
  '/notify': 'OPTIONS, POST',
  '/tasks/a': 'OPTIONS, PUT',
  '/session': 'DELETE, GET, HEAD, OPTIONS, POST',
  '/streams': 'GET, HEAD, OPTIONS',
  '/livez': 'GET, HEAD, OPTIONS',
  '/readyz': 'GET, HEAD, OPTIONS',
  '/metrics': 'GET, HEAD, OPTIONS',
};
const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE'];

t.test('a wrong method is 405 and says which are right, whatever the body', async (t) => {
  const { app } = await build(t);
  for (const [url, allow] of Object.entries(ALLOWED)) {
    for (const method of METHODS.filter((name) => !allow.includes(name))) {
      const response = await app.inject({
        method: method as 'GET',
        url,
        headers: { 'content-type': 'nonsense' },
        payload: 'x',
      });
      t.equal(response.statusCode, 405, `${method} ${url}`);
      t.equal(response.headers.allow, allow, `${method} ${url}`);
      if (method !== 'HEAD') {
        t.equal(response.json().code, 'SLUICE_METHOD_NOT_ALLOWED');
      }
    }
  }
});

t.test('OPTIONS tells the methods of a path', async (t) => {
  const { app } = await build(t);
  for (const [url, allow] of Object.entries(ALLOWED)) {
    const response = await app.inject({ method: 'OPTIONS', url });
    t.equal(response.statusCode, 204, url);
    t.equal(response.headers.allow, allow, url);
    t.equal(response.body, '');
  }
});

t.test('so it is at a prefix, with and without the slash, whether the host has HEAD routes or not', async (t) => {
  for (const exposeHeadRoutes of [true, false]) {
    const app = Fastify({ exposeHeadRoutes });
    t.teardown(() => app.close());
    await app.register(sluice, { prefix: '/hub' });
    for (const url of ['/hub', '/hub/']) {
      t.equal((await app.inject({ method: 'PUT', url })).statusCode, 405, url);
      t.equal((await app.inject({ method: 'OPTIONS', url })).statusCode, 204, url);
    }
  }
});

t.test('an unknown path is 404 for every method, with the stable code', async (t) => {
  const { app } = await build(t);
  for (const url of ['/nothing', '/sse', '/sse/a/b', '/tasks', '/events/a', '/%2e%2e/etc/passwd', '/index.html.bak']) {
    for (const method of ['GET', 'POST', 'DELETE'] as const) {
      const response = await app.inject({ method, url });
      t.equal(response.statusCode, 404, `${method} ${url}`);
      t.match(response.json(), { statusCode: 404, error: 'Not Found', code: 'SLUICE_NOT_FOUND', message: /\/docs/ });
    }
  }
  const headers = { 'content-type': 'application/json' };
  const broken = await app.inject({ method: 'POST', url: '/nothing', headers, payload: '{"a":' });
  t.equal(broken.json().code, 'SLUICE_NOT_FOUND', 'before a body is read');
  t.match(broken.body, /}\n$/);
  const secret = await app.inject('/nothing?token=s3cret');
  t.notMatch(secret.body, /s3cret/);
});
