import { connect as openSession } from 'node:http2';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import t, { type Test } from 'tap';
import sluice from '../../src/app.js';
import type { Lease } from '../../src/streams/ends/lease.js';
import { createTestClock, START, type TestClock, turn } from '../support/clock.js';
import { connect, type RawClient, readBody, request } from '../support/raw-client.js';
import { watchOver } from '../support/serve-tls.js';
import { eventually } from './serve.js';

interface Leased {
  readonly app: FastifyInstance;
  readonly clock: TestClock;
  readonly log: string[];
  /** A watcher of `a` that is connected. */
  watch(holder?: string): Promise<RawClient>;
}

/** A hub where the header `holder` says whose lease a request has. */
async function serve(t: Test, leases: Record<string, Lease>): Promise<Leased> {
  const clock = createTestClock();
  const log: string[] = [];
  const app = Fastify({ logger: { stream: { write: (line: string) => log.push(line) } } });
  app.addHook('preHandler', async (request) => {
    const lease = leases[String(request.headers.holder)];
    request.hubPrincipal = lease === undefined ? request.hubPrincipal : { ...request.hubPrincipal, lease };
  });
  app.register(sluice, { clock, maxBufferedBytes: 100_000_000, heartbeatIntervalMs: 3_600_000 });
  t.teardown(() => app.close());
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const watch = async (holder = '') => {
    const client = await connect(t, port, request('GET /sse/a', { holder }));
    await client.until(/connected/);
    return client;
  };
  return { app, clock, log, watch };
}

const reasonsIn = (log: string[]) => log.flatMap((line) => JSON.parse(line).reason ?? []);

t.test('a revoked watcher is told and its connection ends by FIN at once; the others go on', async (t) => {
  const key = new AbortController();
  const { app, log, watch } = await serve(t, { key: { revoked: key.signal } });
  const [revoked, other] = [await watch('key'), await watch()];
  key.abort();
  t.equal(await revoked.ending, 'fin');
  const { messages, retries } = readBody(revoked.text);
  t.strictSame(
    messages.map(({ event }) => event),
    ['connected', 'expiring'],
  );
  t.match(messages[1]?.data, /revoked/);
  t.equal(retries.length, 2);
  await eventually(() => app.streams.size === 1);
  t.strictSame(reasonsIn(log), ['revoked']);
  await app.bus.publish({ stream: 'a', data: 'still here' });
  await other.until(/still here/);
});

t.test('a watcher is told 30 s before its token expires, and its connection ends by FIN when it does', async (t) => {
  const { app, clock, log, watch } = await serve(t, { token: { expiresAt: START + 60_000 } });
  const watcher = await watch('token');
  await clock.advance(30_200);
  await watcher.until(/event: expiring\ndata: .*"expires":\d+/);
  await app.bus.publish({ stream: 'a', data: 'served until then' });
  await watcher.until(/served until then/);
  await clock.advance(30_000);
  t.equal(await watcher.ending, 'fin');
  await eventually(() => app.streams.size === 0);
  t.strictSame(reasonsIn(log), ['expired']);
});

t.test('a revoked watcher that reads nothing is cut off within a second, with all it has not taken', async (t) => {
  const key = new AbortController();
  const { app, clock, log, watch } = await serve(t, { key: { revoked: key.signal } });
  const frozen = await watch('key');
  frozen.socket.pause();
  for (let i = 0; i < 100; i++) {
    await app.bus.publish({ stream: 'a', data: 'x'.repeat(100_000) });
  }
  await turn();
  key.abort();
  await clock.advance(400);
  t.equal(app.streams.size, 1);
  await clock.advance(500);
  await eventually(() => app.streams.size === 0);
  t.strictSame(reasonsIn(log), ['revoked']);
  frozen.socket.resume();
  await frozen.ending;
  t.ok(readBody(frozen.text).messages.length < 100);
});

t.test('over HTTP/2 the streams of one connection end each with its own lease', async (t) => {
  const key = new AbortController();
  const app = Fastify({ http2: true });
  app.addHook('preHandler', async (request) => {
    const lease = request.url === '/sse/a' ? { revoked: key.signal } : {};
    request.hubPrincipal = { ...request.hubPrincipal, lease };
  });
  await app.register(sluice);
  t.teardown(() => app.close());
  await app.listen({ port: 0, host: '127.0.0.1' });
  const session = openSession(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`);
  t.teardown(() => session.destroy());
  const [revoked, other] = [watchOver(session, '/sse/a'), watchOver(session, '/sse/b')];
  await eventually(() => [revoked, other].every(({ text }) => text.includes('connected')));
  key.abort();
  await eventually(() => app.streams.size === 1);
  t.match(revoked.text, /event: expiring\n.*\n\nretry: \d+\n\n$/);
  await app.bus.publish({ stream: 'b', data: 'still here' });
  await eventually(() => other.text.includes('still here'));
});
