import t from 'tap';
import { type RunningServer, startServer } from '../server/process.js';
import { connect, request } from '../support/raw-client.js';
import { eventually, type Served, serve } from '../wire/serve.js';

const text = { 'content-type': 'text/plain' };

/** Keeps the event loop from doing anything else. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    // Busy.
  }
}

function logged({ log }: Served, event: string): number {
  return log.filter((line) => line.includes(`"event":"${event}"`)).length;
}

t.test('while the event loop lags, publishes are refused first and live watchers are served', async (t) => {
  const served = await serve(t, { maxEventLoopLagMs: 200 });
  const { app, port } = served;
  const post = () => app.inject({ method: 'POST', url: '/sse/a', headers: text, payload: 'x' });
  const watcher = await connect(t, port, request('GET /sse/a'));
  await watcher.until(/"resume":"fresh"/);
  block(600);
  await eventually(() => logged(served, 'overloaded') === 1);

  const refused = await post();
  t.equal(refused.statusCode, 503);
  t.equal(refused.headers['retry-after'], '2');
  t.match(refused.json(), { code: 'SLUICE_OVERLOADED', error: 'Service Unavailable' });
  const ready = await app.inject('/readyz');
  t.equal(ready.statusCode, 503);
  t.match(ready.json().status, /^overloaded: the event loop was blocked for \d+ ms$/);
  t.equal((await app.inject('/livez')).statusCode, 200);
  t.equal((await app.inject({ method: 'DELETE', url: '/sse/b' })).statusCode, 200, 'a purge is let through');
  await Promise.all([post(), post(), post()]);
  t.match((await app.inject('/metrics')).body, /^sluice_http_errors_total\{code="SLUICE_OVERLOADED"\} 4$/m);
  t.equal(logged(served, 'refusing'), 1, 'one line tells of all that were refused');
  t.equal(logged(served, 'request-failed'), 0);
  await app.bus.publish({ stream: 'a', data: 'from the host itself' });
  await watcher.until(/from the host itself/);
  t.notMatch(watcher.text, /data: x/, 'nothing of what was refused');

  await eventually(() => logged(served, 'recovered') === 1);
  t.equal((await post()).statusCode, 201);
  t.equal((await app.inject('/readyz')).statusCode, 200);
});

t.test('with MAX_EVENT_LOOP_LAG_MS=0 the event loop may lag', async (t) => {
  const served = await serve(t, { maxEventLoopLagMs: 0 });
  block(600);
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal((await served.app.inject('/readyz')).statusCode, 200);
  t.equal(logged(served, 'overloaded'), 0);
});

t.test('a heap that is almost full refuses publishes instead of ending the process', async (t) => {
  const settings = {
    LOG: 'memory',
    WINDOW_BYTES: String(2 ** 40),
    HEARTBEAT_INTERVAL_MS: '1000',
  };
  const server = await startServer(t, { ...settings, NODE_OPTIONS: '--max-old-space-size=100' });
  const watcher = await connect(t, server.port, request('GET /sse/b'));
  await watcher.until(/"resume":"fresh"/);
  const body = JSON.stringify(Array.from({ length: 1000 }, () => ({ stream: 'a', data: 'x'.repeat(500) })));
  const { status, sent } = await fill(server, () => body);
  t.equal(status, 503);
  t.ok(sent > 10, `${sent} batches were taken`);
  t.match(await server.logged('overloaded'), { reason: 'the heap is almost full' });
  t.equal(server.child.exitCode, null);
  t.equal((await fetch(`${server.url}/livez`)).status, 200);

  t.match(await (await fetch(`${server.url}/sse/a`, { method: 'DELETE' })).json(), { purged: sent * 1000 });
  const seen = watcher.text.length;
  await watcher.until(new RegExp(`^[\\s\\S]{${seen}}[\\s\\S]*event: heartbeat`));
  t.match(await server.logged('recovered'), { level: 30 }, 'without waiting for V8, which may not collect for minutes');
  t.equal((await fetch(`${server.url}/sse/b`, { method: 'POST', headers: text, body: 'x' })).status, 201);
});

for (const streams of [1, 10_000]) {
  t.test(`by default the history in memory fits into a small heap, with events of ${streams} streams`, async (t) => {
    // What V8 keeps for coverage would take a tenth of this heap.
    const settings = { LOG: 'memory', HISTORY_EVENTS_PER_STREAM: '1000000', NODE_V8_COVERAGE: '' };
    const server = await startServer(t, { ...settings, NODE_OPTIONS: '--max-old-space-size=128' });
    const batch = (first: number) =>
      Array.from({ length: 1000 }, (_, index) => ({ stream: `s${(first + index) % streams}`, data: 'x' }));
    const bodies = Array.from({ length: 10 }, (_, index) => JSON.stringify(batch(index * 1000)));
    const { sent } = await fill(server, (count) => bodies[count % bodies.length] ?? '', 300);
    t.equal(sent, 300, 'none is refused');
    t.notOk(server.lines.some(({ event }) => event === 'overloaded'));
  });
}

async function fill(
  { url }: RunningServer,
  bodyOf: (sent: number) => string,
  most = Number.POSITIVE_INFINITY,
): Promise<{ status: number; sent: number }> {
  const headers = { 'content-type': 'application/json' };
  for (let sent = 0; ; sent++) {
    const { status } = await fetch(`${url}/events`, { method: 'POST', headers, body: bodyOf(sent) });
    if (status !== 201 || sent === most) {
      return { status, sent };
    }
  }
}

t.test('whoever reports progress is a publisher too, and whoever signs in is none', async (t) => {
  const served = await serve(t, { maxEventLoopLagMs: 200 });
  block(600);
  await eventually(() => logged(served, 'overloaded') === 1);
  const ask = async (method: 'POST' | 'PUT', url: string, payload: object) =>
    (await served.app.inject({ method, url, payload })).json().code;
  t.equal(await ask('PUT', '/tasks/t', { moved: 1, total: 2 }), 'SLUICE_OVERLOADED');
  t.equal(await ask('POST', '/session', {}), 'SLUICE_SESSION_REFUSED');
});
