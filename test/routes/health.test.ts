import t from 'tap';
import { build } from '../support/build.js';
import { dataOf, watch } from '../support/watch.js';

t.test('/livez and /readyz answer 200 while it serves', async (t) => {
  const { app } = await build(t);
  t.strictSame((await app.inject('/livez')).json(), { status: 'live' });
  const ready = await app.inject('/readyz');
  t.equal(ready.statusCode, 200);
  t.strictSame(ready.json(), { status: 'ready' });
});

t.test('once it stops it lives, but is not ready, refuses publishes with 503 and streams in the stream', async (t) => {
  const { app } = await build(t, { retryMs: 2000 });
  app.streams.stopAccepting();
  t.equal((await app.inject('/livez')).statusCode, 200);
  t.equal((await app.inject('/readyz')).statusCode, 503);
  const publish = await app.inject({ method: 'POST', url: '/sse/a', payload: { a: 1 } });
  t.equal(publish.statusCode, 503);
  t.equal(publish.json().code, 'SLUICE_SHUTTING_DOWN');
  const stream = await watch(app, '/sse/a');
  t.equal(stream.statusCode, 200);
  t.ok(stream.isEnded);
  const [refused, ...more] = stream.messages;
  t.match(
    { ...refused, data: dataOf(refused) },
    { event: 'refused', data: { code: 'SLUICE_SHUTTING_DOWN', message: String } },
  );
  t.equal(refused?.id, undefined);
  t.ok(Number(stream.retries[0]) >= 2000);
  t.strictSame(more, []);
});

t.test('one watcher over MAX_CONNECTIONS is refused in the stream and may come back', async (t) => {
  const { app } = await build(t, { maxConnections: 1 });
  const first = await watch(app, '/events?streams=a');
  const second = await watch(app, '/events?streams=a');
  t.equal(second.statusCode, 200);
  t.ok(second.isEnded);
  t.match(dataOf(second.messages[0]), { type: 'refused', data: { code: 'SLUICE_TOO_MANY_CONNECTIONS' } });
  await first.leave();
  const third = await watch(app, '/events?streams=a');
  t.match(dataOf(third.messages[0]), { type: 'connected' });
});

t.test('app.close() ends every stream properly, with a time to come back', async (t) => {
  const { app } = await build(t, { retryMs: 2000 });
  const stream = await watch(app, '/sse/a');
  await app.close();
  t.ok(stream.isEnded);
  t.equal(stream.retries.length, 2);
  t.ok(Number(stream.retries[1]) >= 2000);
  t.equal(app.streams.size, 0);
});

t.test('MAX_CONNECTION_AGE_MS ends a stream cleanly', async (t) => {
  const { app, clock } = await build(t, { maxConnectionAgeMs: 60_000 });
  const stream = await watch(app, '/sse/a');
  for (let seconds = 0; seconds < 50; seconds += 10) {
    await clock.advance(10_000);
    t.notOk(stream.isEnded);
  }
  await clock.advance(10_000);
  t.ok(stream.isEnded);
  t.equal(app.streams.closed.age, 1);
});
