import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { connect as connectTls } from 'node:tls';
import Fastify from 'fastify';
import t from 'tap';
import sluice from '../../src/app.js';
import { openFiles } from '../support/open-files.js';
import { openSession, send, serveTls, watchOver } from '../support/serve-tls.js';
import { dataOf } from '../support/watch.js';
import { eventually } from './serve.js';

const BUNDLE = 'swagger-ui-bundle.js';
const TEXT_TYPE = { 'content-type': 'text/plain' };

t.test('a host that speaks HTTP/2 serves streams, and ends them properly', async (t) => {
  const app = Fastify({ http2: true });
  await app.register(sluice);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const session = connect(`http://127.0.0.1:${port}`);
  t.teardown(() => session.destroy());

  const [left, stayed] = [watchOver(session, '/sse/a'), watchOver(session, '/events?streams=a')];
  await eventually(() => [left, stayed].every(({ text }) => text.includes('connected')));
  await app.bus.publish({ stream: 'a', data: 'hello' });
  await eventually(() => left.text.endsWith('data: hello\n\n') && stayed.text.includes('"data":"hello"'));
  left.request.close();
  await eventually(() => app.streams.size === 1);
  t.equal(app.streams.closed.client, 1);

  const ended = once(stayed.request, 'end');
  const closed = app.close();
  await ended;
  t.match(stayed.text, /retry: \d+\n\n$/);
  session.close();
  await closed;
});

t.test('every kind of answer works on one connection, beside a stream', async (t) => {
  const { app, url } = await serveTls(t, { maxConnections: 1 });
  const session = openSession(t, url);
  const stream = watchOver(session, '/sse/a');
  t.match(await stream.headers, { ':status': 200, 'content-type': 'text/event-stream; charset=utf-8' });
  const requests: [number, Record<string, string>, string?][] = [
    [200, { ':path': '/' }],
    [200, { ':path': '/sse/a', ':method': 'HEAD' }],
    [204, { ':path': '/sse/a', ':method': 'OPTIONS' }],
    [201, { ':path': '/sse/a', ':method': 'POST', ...TEXT_TYPE }, 'hello'],
    [400, { ':path': '/sse/%' }],
    [404, { ':path': '/nothing' }],
    [405, { ':path': '/sse/a', ':method': 'PATCH' }, 'a body that nobody reads'],
    [413, { ':path': '/sse/a', ':method': 'POST', ...TEXT_TYPE }, 'x'.repeat(300_000)],
    [415, { ':path': '/events', ':method': 'POST', ...TEXT_TYPE }, 'x'],
  ];
  for (const [status, headers, body] of requests) {
    const exchange = send(session, headers);
    exchange.request.end(body);
    t.equal(await exchange.status, status, `${headers[':method'] ?? 'GET'} ${headers[':path']}`);
    t.equal(await exchange.closed, constants.NGHTTP2_NO_ERROR);
  }
  const refused = watchOver(session, '/sse/b');
  t.equal(await refused.closed, constants.NGHTTP2_NO_ERROR);
  const [refusal, ...others] = refused.reader.messages;
  t.match(refusal, { event: 'refused', data: /SLUICE_TOO_MANY_CONNECTIONS/ });
  t.strictSame(others, []);
  await eventually(() => stream.text.endsWith('data: hello\n\n'));
  t.equal(app.streams.size, 1);
});

t.test('too many or too large headers are refused', async (t) => {
  const { app, url } = await serveTls(t);
  const headers = (count: number, value = 'x') =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-header-${i}`, value]));
  t.equal(await watchOver(openSession(t, url), '/sse/a', headers(110)).status, 431);
  const large = headers(20, 'x'.repeat(1000));
  t.equal(await watchOver(openSession(t, url), '/sse/a', large).status, 431, 'also from who does not heed the limit');
  for (const bad of [headers(200), headers(3000), large]) {
    const session = openSession(t, url);
    // What the server allows holds once the client has heard of it (RFC 9113 §6.5.3).
    await send(session, { ':path': '/livez' }).closed;
    t.not(await watchOver(session, '/sse/a', bad).closed, constants.NGHTTP2_NO_ERROR);
  }
  t.equal(await send(openSession(t, url), { ':path': '/livez' }).status, 200);
  t.equal(app.streams.size, 0);
});

t.test('an answer that did not wait for the body asks the client to stop sending it', async (t) => {
  const { url } = await serveTls(t);
  const session = openSession(t, url);
  const endless = send(session, { ':path': '/sse/a', ':method': 'POST', ...TEXT_TYPE });
  endless.request.write(Buffer.alloc(300_000, 'x'));
  t.equal(await endless.status, 413);
  t.equal(await endless.closed, constants.NGHTTP2_NO_ERROR);
});

t.test('a body that is broken off is not published, as far as it came', async (t) => {
  const { app, url, port } = await serveTls(t);
  const socket = connectTls({ port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  const lost = openSession(t, url, socket);
  const publish = send(lost, { ':path': '/sse/a', ':method': 'POST', ...TEXT_TYPE });
  publish.request.write('half of it');
  await send(lost, { ':path': '/livez' }).closed;
  socket.destroy();
  await publish.closed;
  const whole = send(openSession(t, url), { ':path': '/sse/a', ':method': 'POST', ...TEXT_TYPE });
  whole.request.end('all of it');
  t.equal(await whole.status, 201);
  t.equal(app.bus.log.head, 1, 'the whole one is the first');
  t.notMatch((await app.inject('/metrics')).body, /SLUICE_MALFORMED_REQUEST/, 'nobody was answered');
});

t.test('a body that takes too long is answered 408', async (t) => {
  const { app, url, clock } = await serveTls(t);
  const session = openSession(t, url);
  const late = send(session, { ':path': '/sse/a', ':method': 'POST', ...TEXT_TYPE });
  late.request.write('a');
  await send(session, { ':path': '/livez' }).closed;
  await clock.advance(29_999);
  late.request.write('b');
  await send(session, { ':path': '/livez' }).closed;
  t.equal(late.request.closed, false);
  await clock.advance(1);
  t.equal(await late.status, 408);
  t.equal(await late.closed, constants.NGHTTP2_NO_ERROR);
  t.match(JSON.parse(late.text), { statusCode: 408, code: 'SLUICE_REQUEST_TIMEOUT' });
  t.match((await app.inject('/metrics')).body, /^sluice_http_errors_total\{code="SLUICE_REQUEST_TIMEOUT"\} 1$/m);
  t.equal(app.bus.log.head, 0);
});

t.test(
  'a stream that is not read is cut off as slow; the others of its connection go on; it loses nothing',
  async (t) => {
    const { app, url } = await serveTls(t, { maxBufferedBytes: 65_536 });
    const session = openSession(t, url);
    const [frozen, other] = [watchOver(session, '/sse/a'), watchOver(session, '/sse/a')];
    await eventually(() => [frozen, other].every(({ text }) => text.includes('connected')));
    frozen.request.pause();
    let published = 0;
    while (app.streams.closed.slow === 0) {
      await app.bus.publish({ stream: 'a', data: `${published++} ${'x'.repeat(100_000)}` });
      await eventually(() => other.reader.messages.length === published + 1);
    }
    t.equal(app.streams.size, 1);
    frozen.request.resume();
    t.equal(await frozen.closed, constants.NGHTTP2_CANCEL, 'not as if that had been all');

    const back = watchOver(session, '/sse/a', { 'last-event-id': frozen.reader.cursor ?? '' });
    const [, ...before] = frozen.reader.messages;
    await eventually(() => back.reader.messages.length === 1 + published - before.length);
    const [connected, ...after] = back.reader.messages;
    t.equal(dataOf(connected).resume, 'exact');
    t.strictSame(
      [...before, ...after].map(({ data }) => Number.parseInt(data, 10)),
      Array.from({ length: published }, (_, i) => i),
    );
  },
);

t.test(
  'at shutdown each stream ends with its farewell, then the connection with GOAWAY; nobody can hold it up',
  async (t) => {
    const { app, url, clock } = await serveTls(t, { shutdownGraceMs: 1000 });
    const [session, stuck] = [openSession(t, url), openSession(t, url)];
    const streams = Array.from({ length: 5 }, () => watchOver(session, '/sse/a'));
    await eventually(() => app.streams.size === 5);
    const endless = send(stuck, { ':path': '/sse/a', ':method': 'POST', ...TEXT_TYPE });
    endless.request.write('never the end');
    await send(stuck, { ':path': '/livez' }).closed;
    const goaway = once(session, 'goaway');
    const closed = app.close();
    while (!stuck.destroyed) {
      await clock.advance(100);
    }
    await closed;
    for (const stream of streams) {
      t.equal(await stream.closed, constants.NGHTTP2_NO_ERROR);
      t.match(stream.text, /connected.*retry: \d+\n\n$/s);
    }
    t.equal((await goaway)[0], constants.NGHTTP2_NO_ERROR);
    t.equal(app.bus.log.head, 0);
  },
);

/** Resolves once the server has answered what came before, too. */
async function answered(session: ClientHttp2Session): Promise<void> {
  await new Promise<void>((resolve) => session.ping(() => resolve()));
}

t.test('a connection that is not used any more is closed; one with a quiet stream is not', async (t) => {
  const { app, url, clock } = await serveTls(t, { heartbeatIntervalMs: 3_600_000 });
  const session = openSession(t, url);
  const stream = watchOver(session, '/sse/a');
  await eventually(() => stream.text.includes('connected'));
  for (let minute = 0.5; minute <= 3; minute += 0.5) {
    await clock.advance(30_000);
    await answered(session);
  }
  t.equal(session.closed, false);
  stream.request.close();
  await eventually(() => app.streams.size === 0);
  await clock.advance(71_000);
  t.equal(await send(session, { ':path': '/livez' }).closed, constants.NGHTTP2_NO_ERROR, 'used in time');
  const [goaway, closed] = [once(session, 'goaway'), once(session, 'close')];
  await clock.advance(72_000);
  t.equal((await goaway)[0], constants.NGHTTP2_NO_ERROR);
  await closed;
});

t.test('an answer of which nothing is taken for 72 s is cancelled, and its file closed', async (t) => {
  const { url, clock } = await serveTls(t);
  const session = openSession(t, url, undefined, { initialWindowSize: 0 });
  const stuck = Array.from({ length: 20 }, () => send(session, { ':path': `/docs/static/${BUNDLE}` }));
  await Promise.all(stuck.map(({ status }) => status));
  await eventually(() => openFiles(BUNDLE) === 20);
  await clock.advance(71_999);
  await answered(session);
  t.ok(stuck.every(({ request }) => !request.closed));
  await clock.advance(1);
  for (const { closed } of stuck) {
    t.equal(await closed, constants.NGHTTP2_CANCEL);
  }
  await eventually(() => openFiles(BUNDLE) === 0);
  t.equal(session.closed, false);
});

/** Takes an answer in portions, and pauses after each until it is resumed. */
function readSlowly(request: ClientHttp2Stream) {
  const reader = { taken: 0, portion: 200_000 };
  let last = 0;
  request.on('data', (chunk: Buffer) => {
    reader.taken += chunk.length;
    if (reader.taken - last > reader.portion) {
      last = reader.taken;
      request.pause();
    }
  });
  return reader;
}

t.test('one that has moved and then stands still is, 72 s after it last moved', async (t) => {
  const { url, clock } = await serveTls(t);
  const session = openSession(t, url);
  const { request, closed } = send(session, { ':path': `/docs/static/${BUNDLE}` });
  const reader = readSlowly(request);
  /** In steps in which the client can answer PING. */
  const wait = async (seconds: number) => {
    for (let passed = 0; passed < seconds; passed += 10) {
      await clock.advance(10_000);
      await answered(session);
    }
  };
  await eventually(() => request.isPaused());
  await wait(50);
  const before = reader.taken;
  request.resume();
  await eventually(() => request.isPaused() && reader.taken > before);
  await wait(70);
  t.equal(request.closed, false);
  await wait(80);
  // What has arrived must be taken before the end is seen.
  reader.portion = Number.POSITIVE_INFINITY;
  request.resume();
  t.equal(await closed, constants.NGHTTP2_CANCEL);
});

t.test('one that moves is not, however slowly', async (t) => {
  const { url, clock } = await serveTls(t);
  const session = openSession(t, url);
  const { request, headers, closed } = send(session, { ':path': `/docs/static/${BUNDLE}` });
  const reader = readSlowly(request);
  while (!request.closed) {
    await eventually(() => request.isPaused() || request.closed);
    await clock.advance(50_000);
    await answered(session);
    request.resume();
  }
  t.equal(await closed, constants.NGHTTP2_NO_ERROR);
  t.equal(reader.taken, Number((await headers)['content-length']));
});

t.test('streams go on after a goodbye, whoever says it, to their end', async (t) => {
  const { app, url, clock } = await serveTls(t, { heartbeatIntervalMs: 3_600_000 });
  const opened = once(app.server, 'session');
  const [mine, theirs] = [openSession(t, url), openSession(t, url)];
  const streams = [watchOver(mine, '/sse/a'), watchOver(theirs, '/sse/a')];
  const [own] = await opened;
  await eventually(() => app.streams.size === 2);
  own.close();
  theirs.close();
  await once(mine, 'goaway');
  for (let minute = 0.5; minute <= 3; minute += 0.5) {
    await clock.advance(30_000);
    await app.bus.publish({ stream: 'a', data: minute });
    await eventually(() => streams.every(({ text, request }) => request.closed || text.endsWith(`: ${minute}\n\n`)));
  }
  t.ok(streams.every(({ request }) => !request.closed));
  const closed = [mine, theirs].map((session) => once(session, 'close'));
  for (const { request } of streams) {
    request.close();
  }
  await Promise.all(closed);
});

t.test('a client that gives no sign of life is cut off; one that does stays', async (t) => {
  const { app, url, clock, port } = await serveTls(t);
  let sessions = 0;
  app.server.on('session', () => sessions++);
  const sound = openSession(t, url);
  const alive = watchOver(sound, '/sse/a');
  const silent = connectTls({ port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  t.teardown(() => silent.destroy());
  await eventually(() => sessions === 2 && app.streams.size === 1);
  const gone = once(silent.resume(), 'close');
  // The preface and empty SETTINGS (RFC 9113 §3.4), and never a word after.
  silent.write(
    Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from('000000040000000000', 'hex')]),
  );
  for (const minute of [0.5, 1]) {
    await clock.advance(30_000);
    t.equal(silent.closed, false, `after ${minute} min`);
    await send(sound, { ':path': '/livez' }).closed;
  }
  await clock.advance(30_000);
  await gone;
  t.equal(app.streams.size, 1);
  t.equal(alive.request.closed, false);
});

t.test('one connection takes 250 streams, each with all its events', async (t) => {
  const { app, url } = await serveTls(t);
  const session = openSession(t, url);
  const streams = Array.from({ length: 250 }, () => watchOver(session, '/sse/a'));
  await eventually(() => app.streams.size === 250);
  t.equal(session.remoteSettings.maxConcurrentStreams, 250);
  for (let i = 0; i < 5; i++) {
    await app.bus.publish({ stream: 'a', data: i });
  }
  const numbers = (watcher: (typeof streams)[number]) =>
    watcher.reader.messages.slice(1).map(({ data }) => Number(data));
  await eventually(() => streams.every((watcher) => watcher.reader.messages.length === 6));
  t.ok(streams.every((watcher) => String(numbers(watcher)) === '0,1,2,3,4'));
});

t.test('streams opened and reset without end (CVE-2023-44487) end the connection, and no other', async (t) => {
  const { app, url, clock } = await serveTls(t);
  const sound = openSession(t, url);
  const other = watchOver(sound, '/sse/a');
  await eventually(() => app.streams.size === 1);
  let taken = 0;
  app.server.on('stream', () => taken++);
  const session = openSession(t, url);
  await once(session, 'connect');
  for (let i = 0; i < 5000; i += 100) {
    for (let j = 0; j < 100; j++) {
      watchOver(session, '/sse/a').request.close(constants.NGHTTP2_CANCEL);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  while (!session.destroyed) {
    await clock.advance(30_000);
    await send(sound, { ':path': '/livez' }).closed;
  }
  t.ok(taken < 2000, `${taken} were looked at`);
  await eventually(() => app.streams.size === 1);
  await app.bus.publish({ stream: 'a', data: 'still here' });
  await eventually(() => other.text.endsWith('data: still here\n\n'));
});

t.test('answers that have been taken leave no timer', async (t) => {
  const { url, clock } = await serveTls(t);
  const idle = clock.timers();
  const session = openSession(t, url);
  await Promise.all(Array.from({ length: 20 }, () => send(session, { ':path': '/livez' }).closed));
  session.close();
  await eventually(() => clock.timers() === idle);
});
