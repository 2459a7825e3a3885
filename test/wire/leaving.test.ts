import { promisify } from 'node:util';
import t from 'tap';
import { connect, request } from '../support/raw-client.js';
import { eventually, serve } from './serve.js';

t.test('a client that resets its connection is gone', async (t) => {
  const { app, port } = await serve(t);
  const client = await connect(t, port, request('GET /sse/a'));
  await client.until(/connected/);
  client.socket.resetAndDestroy();
  await eventually(() => app.streams.size === 0);
  t.equal(app.streams.closed.client, 1);
});

t.test('a client that ends its side has left', async (t) => {
  const { app, port } = await serve(t);
  const client = await connect(t, port, request('GET /sse/a'));
  await client.until(/connected/);
  client.socket.end();
  t.equal(await client.ending, 'fin');
  await eventually(() => app.streams.size === 0);
  t.equal(app.streams.closed.client, 1);
});

t.test('nothing is left of 200 clients that came and went', async (t) => {
  const { app, port, clock } = await serve(t, { demo: true, maxConnectionAgeMs: 3_600_000 });
  const before = { timers: clock.timers(), listeners: countListeners(app) };
  const paths = ['/events', '/stream', '/sse/lottery', '/sse/clock', '/events?streams=*'];
  const clients = await Promise.all(
    Array.from({ length: 200 }, (_, i) => connect(t, port, request(`GET ${paths[i % paths.length]}`))),
  );
  await Promise.all(clients.map((client) => client.until(/connected/)));
  t.equal(app.streams.size, 200);
  t.ok(app.generators.running.includes('lottery'));
  await clock.advance(1000);
  for (const { socket } of clients) {
    socket.destroy();
  }
  await eventually(() => app.streams.size === 0);
  t.strictSame(app.generators.running, []);
  t.strictSame(app.streams.watchedNames('', '', 10), []);
  t.equal(app.streams.watchers('clock'), 0);
  t.strictSame({ timers: clock.timers(), listeners: countListeners(app) }, before);
  const connections = promisify(app.server.getConnections.bind(app.server));
  t.equal(await connections(), 0);
});

function countListeners({ server, streams }: Awaited<ReturnType<typeof serve>>['app']): number {
  return [server, streams]
    .flatMap((emitter) => emitter.eventNames().map((name) => emitter.listenerCount(name as never)))
    .reduce((sum, count) => sum + count, 0);
}
