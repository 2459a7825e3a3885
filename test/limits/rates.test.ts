import rateLimit from '@fastify/rate-limit';
import FakeTimers from '@sinonjs/fake-timers';
import Fastify, { type FastifyInstance, type InjectOptions } from 'fastify';
import t from 'tap';
import sluice from '../../src/app.js';
import { readEnvironment } from '../../src/server/environment.js';
import { build } from '../support/build.js';
import { bearer, guard } from '../support/keys.js';

const everything = { publish: ['*'], subscribe: ['*'] };
const body = { payload: { a: 1 } };

/** Sends requests one after the other, and returns their statuses. */
async function send(app: FastifyInstance, ...requests: InjectOptions[]): Promise<number[]> {
  const statuses: number[] = [];
  for (const request of requests) {
    statuses.push((await app.inject(request)).statusCode);
  }
  return statuses;
}

const publish = (headers = {}, remoteAddress = '192.0.2.1'): InjectOptions => ({
  method: 'POST',
  url: '/sse/a',
  headers,
  remoteAddress,
  ...body,
});

t.test('a key publishes as often as its rate says, by all paths together and from wherever', async (t) => {
  const { app, clock } = await guard(t, { slow: { ...everything, rate: 5 }, other: everything });
  const headers = bearer('slow');
  const statuses = await send(
    app,
    publish(headers),
    { method: 'POST', url: '/events', headers, payload: [{ stream: 'a', data: 1 }] },
    { method: 'POST', url: '/notify', headers, payload: { message: 'hello' } },
    { method: 'PUT', url: '/tasks/a', headers, payload: { moved: 1, total: 2 } },
    publish(headers, '192.0.2.2'),
    { method: 'DELETE', url: '/sse/a', headers },
    publish(headers),
  );
  t.strictSame(statuses, [201, 201, 201, 200, 201, 429, 429]);
  t.equal(app.bus.log.head, 5, 'nothing of the refused ones was stored');
  const refused = await app.inject(publish(headers));
  t.match(refused.headers, {
    'retry-after': '1',
    'ratelimit-limit': '5',
    'ratelimit-remaining': '0',
    'ratelimit-reset': '1',
  });
  t.match(refused.json(), { statusCode: 429, code: 'SLUICE_RATE_LIMITED', error: 'Too Many Requests' });
  t.strictSame(await send(app, publish(bearer('other'))), [201], 'another key goes on');
  const { body: metrics } = await app.inject({ url: '/metrics', headers });
  t.match(metrics, /^sluice_http_errors_total\{code="SLUICE_RATE_LIMITED"\} 3$/m);
  await clock.advance(1000);
  t.strictSame(await send(app, publish(headers)), [201], 'and this one after a second');
});

t.test('a rate that is no whole number holds over a longer time', async (t) => {
  const { app, clock } = await guard(t, { seldom: { ...everything, rate: 0.1 } });
  const headers = bearer('seldom');
  t.strictSame(await send(app, publish(headers), publish(headers)), [201, 429]);
  t.equal((await app.inject(publish(headers))).headers['retry-after'], '10');
  await clock.advance(9999);
  t.strictSame(await send(app, publish(headers)), [429]);
  await clock.advance(1);
  t.strictSame(await send(app, publish(headers), publish(headers)), [201, 429]);
});

t.test('PUBLISH_RATE is for keys without a rate of their own', async (t) => {
  const keys = { plain: everything, fast: { ...everything, rate: 4 } };
  const { app } = await guard(t, keys, { publishRate: 2 });
  const plain = publish(bearer('plain'));
  const fast = publish(bearer('fast'));
  t.strictSame(await send(app, plain, plain, plain), [201, 201, 429]);
  t.strictSame(await send(app, fast, fast, fast, fast, fast), [201, 201, 201, 201, 429]);
});

t.test('with AUTH=off it counts by address, IPv6 by network; this machine is not counted', async (t) => {
  const { app } = await build(t, { auth: 'off', publishRate: 2 });
  const from = (address: string) => publish({}, address);
  t.strictSame(await send(app, from('192.0.2.1'), from('192.0.2.1'), from('192.0.2.1')), [201, 201, 429]);
  t.strictSame(await send(app, from('192.0.2.2'), from('::ffff:192.0.2.1')), [201, 429]);
  t.strictSame(await send(app, from('2001:db8::1'), from('2001:db8::2'), from('2001:db8::3')), [201, 201, 429]);
  t.strictSame(await send(app, from('127.0.0.1'), from('127.0.0.1'), from('127.0.0.1')), [201, 201, 201]);
});

t.test('who may not publish learns that, and is not told of rates', async (t) => {
  const { app } = await guard(t, { reader: { subscribe: ['*'] } }, { publishRate: 1 });
  const request = publish(bearer('reader'));
  t.strictSame(await send(app, request, request, request), [403, 403, 403]);
});

t.test('in mode local, and embedded unless the host says so, there is no limit', async (t) => {
  for (const settings of [{ auth: 'local', publishRate: 1 } as const, { auth: 'off' } as const, {}]) {
    const { app } = await build(t, settings);
    const request = publish({ host: 'localhost' }, '127.0.0.1');
    t.strictSame(await send(app, request, request, request), [201, 201, 201]);
    t.notMatch((await app.inject(request)).headers, { 'ratelimit-limit': String });
  }
});

t.test('what goes through much to answer is limited too, each path by itself; the rest is not', async (t) => {
  const { app } = await guard(t, { reader: { subscribe: ['*'] } });
  const headers = bearer('reader');
  for (const url of ['/streams', '/metrics']) {
    const statuses = await send(app, ...Array.from({ length: 101 }, () => ({ url, headers })));
    t.strictSame(statuses, [...Array(100).fill(200), 429], url);
  }
  for (const url of ['/livez', '/readyz', '/session']) {
    const statuses = await send(app, ...Array.from({ length: 101 }, () => ({ url, headers })));
    t.strictSame(statuses, Array(101).fill(200), url);
  }
});

t.test('a clock that is set back locks nobody out', async (t) => {
  const { app, clock } = await guard(t, { slow: { ...everything, rate: 2 } });
  const request = publish(bearer('slow'));
  t.strictSame(await send(app, request, request, request), [201, 201, 429]);
  clock.correct(-3_600_000);
  t.strictSame(await send(app, request), [429], 'nor in');
  await clock.advance(1000);
  t.strictSame(await send(app, request, request, request), [201, 201, 429]);
  clock.correct(3_600_000);
  t.strictSame(await send(app, request), [429]);
});

t.test('the limits hold beside @fastify/rate-limit of the host, which keeps its own', async (t) => {
  const fake = FakeTimers.install({ now: Date.now(), toFake: ['Date'] });
  t.teardown(() => fake.uninstall());
  const app = Fastify();
  t.teardown(() => app.close());
  await app.register(rateLimit, { max: 4, timeWindow: 60_000 });
  app.get('/own', async () => 'own');
  await app.register(sluice, { prefix: '/hub', auth: 'off', publishRate: 2 });
  const request = { ...publish(), url: '/hub/sse/a' };
  t.strictSame(await send(app, request, request, request), [201, 201, 429]);
  t.equal((await app.inject(request)).json().code, 'SLUICE_RATE_LIMITED');
  const own = { url: '/own', remoteAddress: '192.0.2.9' };
  t.strictSame(await send(app, own, own, own, own, own), [200, 200, 200, 200, 429]);
});

t.test('standalone, PUBLISH_RATE is 1000', async (t) => {
  t.equal(readEnvironment({ AUTH: 'off' }).publishRate, 1000);
  t.equal(readEnvironment({ AUTH: 'off', PUBLISH_RATE: '0' }).publishRate, 0);
});
