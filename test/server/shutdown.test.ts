import { once } from 'node:events';
import { connect as open } from 'node:net';
import { connect as openTls } from 'node:tls';
import t from 'tap';
import { makeCertificate } from '../support/certificate.js';
import { connect, readBody, request } from '../support/raw-client.js';
import { type Exit, type RunningServer, startServer } from './process.js';

const MANY = 'x'.repeat(200_000);

/** Resolves when so many requests have begun, beside its own. */
async function begun({ url }: RunningServer, count: number): Promise<void> {
  for (let own = 1, seen = 0; seen < count; own++) {
    const text = await (await fetch(`${url}/metrics`)).text();
    seen = Number(/^sluice_http_requests_total (\d+)$/m.exec(text)?.[1] ?? own) - own;
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
  t.match(await probe.until(/\}\n$/), /^HTTP\/1\.1 503 .*shutting down/s, 'not ready');
  publisher.send(' body');
  t.match(await publisher.until(/\}\n$/), /^HTTP\/1\.1 201 .*"subscribers":1/s);
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

t.test('SIGUSR1 neither ends it nor opens a debugger', async (t) => {
  const server = await startServer(t, { LOG: 'memory' });
  server.child.kill('SIGUSR1');
  for (let i = 0; i < 20; i++) {
    t.equal((await fetch(`${server.url}/livez`)).status, 200);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  t.equal(server.stderr, '');
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
  t.equal(server.lines.at(-1)?.event, 'stopped');
});

/** Repeats a signal until the process has ended. */
async function insist({ child, exit }: RunningServer, signal: NodeJS.Signals): Promise<Exit> {
  const timer = setInterval(() => child.kill(signal), 50);
  const ended = await exit;
  clearInterval(timer);
  return ended;
}

t.test('a second signal exits at once', async (t) => {
  const server = await startServer(t, { SHUTDOWN_GRACE_MS: '60000' });
  await connect(t, server.port, `${publish('never')}nev`);
  await begun(server, 1);
  server.child.kill('SIGTERM');
  await server.logged('stop');
  t.strictSame(await insist(server, 'SIGINT'), { code: 1, signal: null });
  t.match(server.lines.at(-1), { event: 'stop-failed', level: 50, reason: 'signal', signal: 'SIGINT' });
});

t.test('a signal that comes by two ways at once is one, whichever it is', async (t) => {
  for (const signal of ['SIGINT', 'SIGHUP'] as const) {
    const server = await startServer(t);
    const publisher = await connect(t, server.port, `${publish('slow body')}slow`);
    await begun(server, 1);
    server.child.kill(signal);
    t.match(await server.logged('stop'), { signal });
    server.child.kill(signal);
    publisher.send(' body');
    t.match(await publisher.until(/\}\n$/), /^HTTP\/1\.1 201 /);
    t.strictSame(await server.exit, { code: 0, signal: null });
  }
});

t.test('a signal that tells of a fault ends the process, which could not answer it', async (t) => {
  for (const signal of ['SIGSEGV', 'SIGBUS'] as const) {
    const server = await startServer(t, { LOG: 'memory' });
    server.child.kill(signal);
    t.strictSame(await server.exit, { code: null, signal });
  }
});

t.test('what is not finished when SHUTDOWN_GRACE_MS runs out is left: a line says so, and exit code 1', async (t) => {
  const { cert, key } = makeCertificate(t);
  const server = await startServer(t, { SHUTDOWN_GRACE_MS: '100', TLS_CERT: cert, TLS_KEY: key, LOG: 'memory' });
  // It is given a second to leave by itself, more than there is.
  await connect(t, server.port);
  const later = openTls({ port: server.port, rejectUnauthorized: false });
  await once(later, 'secureConnect');
  later.destroy();
  server.child.kill('SIGTERM');
  t.strictSame(await server.exit, { code: 1, signal: null });
  t.match(server.lines.at(-1), { event: 'stop-failed', level: 50, reason: 'timeout' });
});

/** Modules that the server runs with, in which something goes wrong on SIGWINCH. */
const BUGS = {
  'throw.mjs': "process.on('SIGWINCH', () => { throw new Error('a bug'); });",
  'reject.mjs': "process.on('SIGWINCH', () => { Promise.reject(new Error('a bug')); });",
};

t.test('an uncaught error stops the server: streams are ended, the cause is told, and exit code 1', async (t) => {
  const cwd = t.testdir(BUGS);
  for (const bug of Object.keys(BUGS)) {
    const server = await startServer(t, { NODE_OPTIONS: `--import ./${bug}`, LOG: 'memory' }, cwd);
    const watcher = await connect(t, server.port, request('GET /sse/a'));
    await watcher.until(/connected/);
    server.child.kill('SIGWINCH');
    t.equal(await watcher.ending, 'fin');
    t.match(watcher.text, /retry: \d+\n\n$/);
    t.strictSame(await server.exit, { code: 1, signal: null }, bug);
    t.match(await server.logged('crash'), { level: 60, err: { message: 'a bug' } });
    t.equal(server.lines.at(-1)?.event, 'stopped');
    t.equal(server.stderr, '');
  }
});

t.test('a second error exits at once, and each line has its event', async (t) => {
  const cwd = t.testdir(BUGS);
  const env = { NODE_OPTIONS: '--import ./throw.mjs', SHUTDOWN_GRACE_MS: '60000', LOG: 'memory' };
  const server = await startServer(t, env, cwd);
  await connect(t, server.port, `${publish('never')}nev`);
  await begun(server, 1);
  server.child.kill('SIGWINCH');
  await server.logged('stop');
  server.child.kill('SIGWINCH');
  t.strictSame(await server.exit, { code: 1, signal: null });
  t.match(server.lines.at(-1), { event: 'stop-failed', level: 50, reason: 'error', err: { message: 'a bug' } });
  const eventless = server.lines.filter(({ event }) => event === undefined);
  t.strictSame(
    eventless.map(({ msg }) => msg),
    [`Sluice listens at ${server.url}`],
  );
});
