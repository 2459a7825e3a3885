import { join } from 'node:path';
import t from 'tap';
import { bearer, keyFile } from '../support/keys.js';
import { connect, request } from '../support/raw-client.js';
import { eventually, serve } from './serve.js';

function linesOf(log: string[], event: string) {
  return log.map((line) => JSON.parse(line)).filter((line) => line.event === event);
}

t.test('a watcher that comes and goes is two lines with the same id', async (t) => {
  const { app, port, log } = await serve(t);
  const client = await connect(t, port, request('GET /events?streams=b,a', { 'last-event-id': 'nonsense' }));
  await client.until(/connected/);
  await app.bus.publish({ stream: 'a', data: 'hello' });
  await client.until(/hello/);
  client.socket.destroy();
  await eventually(() => app.streams.size === 0);
  const lines = log.map((line) => JSON.parse(line)).filter(({ connection }) => connection !== undefined);
  t.strictSame(
    lines.map(({ event }) => event),
    ['connect', 'disconnect'],
  );
  const [come, gone] = lines;
  t.match(come, { level: 30, format: 'envelope', ip: '127.0.0.1', resume: 'gap', gap: 'malformed' });
  t.strictSame(come.streams, ['a', 'b']);
  t.match(gone, { level: 30, reason: 'client', durationMs: 0, events: 1, bytes: Number });
  t.equal(gone.bytes, Buffer.byteLength(client.text.slice(client.text.indexOf('\r\n\r\n') + 4)));
  t.type(come.connection, 'string');
  t.equal(gone.connection, come.connection);
});

t.test('a refused watcher is a warning with the code', async (t) => {
  const { port, log } = await serve(t, { maxConnections: 1 });
  const first = await connect(t, port, request('GET /sse/a'));
  await first.until(/connected/);
  const second = await connect(t, port, request('GET /sse/a'));
  await second.ending;
  const [line, ...others] = linesOf(log, 'refuse');
  t.match(line, { level: 40, format: 'plain', ip: '127.0.0.1', code: 'SLUICE_TOO_MANY_CONNECTIONS' });
  t.strictSame(line.streams, ['a']);
  t.strictSame(others, []);
});

t.test('of watchers refused for one reason one line a minute tells, and counts the others', async (t) => {
  const { app, clock, port, log } = await serve(t, { maxConnections: 1, heartbeatIntervalMs: 600_000 });
  const refuse = async () => (await connect(t, port, request('GET /sse/a'))).ending;
  const since = () => linesOf(log, 'refuse').map((line) => line.since);
  const first = await connect(t, port, request('GET /sse/a'));
  await first.until(/connected/);
  await refuse();
  await refuse();
  await refuse();
  t.strictSame(since(), [0]);
  await clock.advance(60_000);
  await refuse();
  t.strictSame(since(), [0, 2]);
  app.streams.stopAccepting();
  await refuse();
  t.strictSame(since(), [0, 2, 0], 'another reason has a line of its own');
});

t.test('so it is with events of built-in sources that are not accepted', async (t) => {
  const settings = { demo: true, maxEventBytes: 10, heartbeatIntervalMs: 600_000 };
  const { clock, port, log } = await serve(t, settings);
  const client = await connect(t, port, request('GET /sse/clock'));
  await client.until(/connected/);
  await clock.advance(3000);
  t.match(linesOf(log, 'generator-failed')[0], { level: 40, err: { code: 'SLUICE_EVENT_TOO_LARGE' } });
  await clock.advance(60_000);
  t.strictSame(
    linesOf(log, 'generator-failed').map((line) => line.since),
    [0, 2],
  );
});

t.test('so it is with watchers that could not be served', async (t) => {
  const { app, clock, log } = await serve(t);
  const fail = () => app.streams.emit('failed', new Error('the log cannot be read'));
  fail();
  fail();
  t.match(linesOf(log, 'stream-failed')[0], { level: 50, err: { message: 'the log cannot be read' } });
  await clock.advance(60_000);
  fail();
  t.strictSame(
    linesOf(log, 'stream-failed').map((line) => line.since),
    [0, 1],
  );
});

t.test('a purge is told, with who did it and how much went', async (t) => {
  const directory = t.testdir({ 'keys.json': keyFile({ cleaner: { publish: ['a'] }, reader: { subscribe: ['a'] } }) });
  const { app, url, log } = await serve(t, { auth: 'on', authKeysFile: join(directory, 'keys.json') });
  await app.bus.publish({ stream: 'a', data: 1 });
  await app.bus.publish({ stream: 'a', data: 2 });
  const purge = async (key: string) => (await fetch(`${url}/sse/a`, { method: 'DELETE', headers: bearer(key) })).status;
  t.equal(await purge('reader'), 403);
  t.strictSame(linesOf(log, 'purge'), []);
  t.equal(await purge('cleaner'), 200);
  const [purged, ...others] = linesOf(log, 'purge');
  t.match(purged, { level: 30, stream: 'a', purged: 2, ip: '127.0.0.1', principal: 'key:cleaner' });
  t.strictSame(others, []);
});

t.test('a client over its rate is named, once a minute; the others are not', async (t) => {
  const directory = t.testdir({ 'keys.json': keyFile({ eager: { publish: ['a'] }, calm: { publish: ['a'] } }) });
  const settings = { auth: 'on', authKeysFile: join(directory, 'keys.json'), publishRate: 1 } as const;
  const { clock, url, log } = await serve(t, settings);
  const publish = async (key: string) => (await fetch(`${url}/sse/a`, { method: 'POST', headers: bearer(key) })).status;
  await publish('calm');
  await publish('eager');
  t.strictSame([await publish('eager'), await publish('eager')], [429, 429]);
  await clock.advance(60_000);
  await publish('eager');
  t.equal(await publish('eager'), 429);
  const told = linesOf(log, 'rate-limited').map(({ level, ip, principal, path, since }) => [
    level,
    ip,
    principal,
    path,
    since,
  ]);
  t.strictSame(told, [
    [40, '127.0.0.1', 'key:eager', '/sse/:id', 0],
    [40, '127.0.0.1', 'key:eager', '/sse/:id', 1],
  ]);
});

t.test('what is published is told at debug, without its data', async (t) => {
  const { app, log } = await serve(t, { demo: true });
  const published = () => log.map((text) => JSON.parse(text)).filter(({ event }) => event === 'publish');
  const claim = { key: 'k', fingerprint: 'f' };
  const { id } = await app.bus.publish({ stream: 'a', data: 's3cret' }, { claim });
  await app.bus.publish({ stream: 'a', data: 's3cret' }, { claim });
  const { ids } = await app.bus.publishBatch([
    { stream: 'b', type: 'added', data: { é: 1 } },
    { stream: 'c', data: null },
  ]);
  await app.bus.generate({ stream: 'clock', data: 1 });
  t.match(published(), [
    { level: 20, id, stream: 'a', type: 'message', bytes: 8 },
    { level: 20, id: ids[0], stream: 'b', type: 'added', bytes: 8 },
    { level: 20, id: ids[1], stream: 'c', type: 'message', bytes: 4 },
  ]);
  t.equal(published().length, 3, 'neither a repetition nor a built-in source');
  t.notMatch(log.join(''), /s3cret/);
  app.log.level = 'info';
  await app.bus.publish({ stream: 'a', data: 1 });
  t.equal(published().length, 3);
});

t.test('nothing a client sends forges a line, or shows a secret', async (t) => {
  const { port, log } = await serve(t);
  const forged = '{"event":"forged"}';
  const encoded = encodeURIComponent(`a\r\n${forged}\n\u2028\u001b[31m`);
  const lines = [
    request(`GET /sse/${encoded}`, { connection: 'close' }),
    request(`GET /events?streams=${encoded}&token=s3cret`, { connection: 'close' }),
    request(`GET /sse/a?lastEventId=${encoded}&token=s3cret`, { authorization: 'Bearer s3cret', connection: 'close' }),
    request(`POST /sse/a?type=${encoded}`, { connection: 'close', 'content-length': '2' }, '{}'),
    request(
      'POST /sse/a',
      { connection: 'close', 'content-type': 'application/json', 'content-length': '21' },
      `\n${forged}\n}`,
    ),
    request(`GET /${encoded}`, { connection: 'close', 'x-forwarded-for': '\u001b[31m' }),
    `GET / HTTP/1.1\r\nbad header\n${forged}\r\n\r\n`,
  ];
  for (const line of lines) {
    const client = await connect(t, port, line);
    await client.until(/^HTTP\/1\.1 \d/);
    client.socket.destroy();
    await client.ending;
  }
  await eventually(() => log.some((line) => line.includes('disconnect')));
  for (const line of log) {
    t.match(line, /^\{.*\}\n$/, 'one line');
    t.notMatch(line.trimEnd(), /\p{Cc}/u, 'no control characters');
    t.not(JSON.parse(line).event, 'forged');
    t.notMatch(line, /s3cret/);
  }
});
