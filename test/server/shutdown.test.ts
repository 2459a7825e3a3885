import { once } from 'node:events';
import { connect as open } from 'node:net';
import t from 'tap';
import { connect, readBody, request } from '../support/raw-client.js';
import { type RunningServer, startServer } from './process.js';

const MANY = 'x'.repeat(200_000);

/** Resolves when so many requests have begun, this one included. */
async function begun({ url }: RunningServer, count: number): Promise<void> {
  for (let seen = 0; seen < count; count++) {
    const text = await (await fetch(`${url}/metrics`)).text();
    seen = Number(/^sluice_http_requests_total (\d+)$/m.exec(text)?.[1]);
  }
}

const publish = (data: string) =>
  request('POST /sse/a', { 'content-type': 'text/plain', 'content-length': String(data.length) });

t.test('SIGTERM finishes what is under way: a publish, its delivery, the streams', async (t) => {
  const server = await startServer(t, { RETRY_MS: '1000' });
  const watcher = await connect(t, server.port, request('GET /sse/a'));
  await watcher.until(/event: connected\n.*\n\n/);
  const publisher = await connect(t, server.port, `${publish('slow body')}slow`);
  const probe = await connect(t, server.port, 'GET /readyz HTTP/1.1\r\n');
  await begun(server, 2);
  server.child.kill('SIGTERM');
  await server.logged('stop');

  const late = open(server.port, '127.0.0.1');
  const [refusal] = await once(late, 'error');
  t.equal(refusal.code, 'ECONNREFUSED', 'no new connections');
  probe.send('host: localhost\r\n\r\n');
  t.match(await probe.until(/\}$/), /^HTTP\/1\.1 503 .*shutting down/s, 'not ready');
  publisher.send(' body');
  t.match(await publisher.until(/\}$/), /^HTTP\/1\.1 201 .*"subscribers":1/s);
  t.equal(await watcher.ending, 'fin');
  const { messages, retries } = readBody(watcher.text);
  t.equal(messages.at(-1)?.data, 'slow body', 'what was acknowledged is delivered');
  t.equal(retries.length, 2);
  t.ok(Number(retries[1]) >= 1000 && Number(retries[1]) <= 4000, 'a longer, jittered time to come back');
  t.match(watcher.text, /retry: \d+\n\n$/);
  t.strictSame(await server.exit, { code: 0, signal: null });
  const events = server.lines.map(({ event }) => event);
  t.strictSame(events.slice(-3), ['stop', 'disconnect', 'stopped'], 'and the log tells it in this order');
});

t.test('a reader that has stalled does not hold the exit beyond the grace time', async (t) => {
  const server = await startServer(t, { SHUTDOWN_GRACE_MS: '400', MAX_BUFFERED_BYTES: '100000000' });
  const watcher = await connect(t, server.port, request('GET /sse/a'));
  await watcher.until(/connected/);
  watcher.socket.pause();
  for (let i = 0; i < 100; i++) {
    await fetch(`${server.url}/sse/a`, { method: 'POST', body: MANY, headers: { 'content-type': 'text/plain' } });
  }
  const since = Date.now();
  server.child.kill('SIGTERM');
  t.strictSame(await server.exit, { code: 0, signal: null });
  t.ok(Date.now() - since < 2000);
  t.match(
    server.lines.find(({ event }) => event === 'disconnect'),
    { reason: 'shutdown', events: 100 },
  );
});

t.test('a publish that never ends is cut off, and does not hold the exit beyond the grace time', async (t) => {
  const server = await startServer(t, { SHUTDOWN_GRACE_MS: '400' });
  const publisher = await connect(t, server.port, `${publish('never')}nev`);
  await begun(server, 1);
  server.child.kill('SIGTERM');
  await publisher.ending;
  t.equal(publisher.text, '', 'it is not told of a success');
  t.strictSame(await server.exit, { code: 0, signal: null });
  t.notMatch(server.stdout, /killed by timeout/);
});

t.test('a second signal exits at once', async (t) => {
  const server = await startServer(t, { SHUTDOWN_GRACE_MS: '60000' });
  await connect(t, server.port, `${publish('never')}nev`);
  await begun(server, 1);
  server.child.kill('SIGTERM');
  await server.logged('stop');
  server.child.kill('SIGINT');
  t.strictSame(await server.exit, { code: 1, signal: null });
  t.match(server.stdout, /second SIGINT/);
});
