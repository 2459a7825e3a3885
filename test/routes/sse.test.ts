import t from 'tap';
import { build } from '../support/build.js';
import { turn } from '../support/clock.js';
import { dataOf, watch } from '../support/watch.js';

t.test('GET /sse/:id answers with the headers of an event stream', async (t) => {
  const { app } = await build(t);
  const { statusCode, headers } = await watch(app, '/sse/orders');
  t.equal(statusCode, 200);
  t.match(headers, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  });
});

t.test('GET /sse/:id begins with retry and connected, whose id is its cursor', async (t) => {
  const { app } = await build(t, { retryMs: 2000, heartbeatIntervalMs: 60_000 });
  const { messages, retries, text } = await watch(app, '/sse/orders');
  const [connected, ...more] = messages;
  t.match(text, /^retry: \d+\nid: \S+\nevent: connected\ndata: \{.*\}\n\n$/);
  t.ok(Number(retries[0]) >= 1000 && Number(retries[0]) <= 3000, 'jittered around RETRY_MS');
  t.strictSame(more, []);
  t.strictSame(dataOf(connected), {
    message: 'Connected to SSE stream',
    timestamp: Date.parse('2026-01-01T00:00:00.000Z'),
    resume: 'fresh',
    streams: ['orders'],
    cursor: connected?.id,
    heartbeatMs: 60_000,
  });
});

t.test('POST /sse/:id answers 201 with what was accepted, and watchers get it in plain form', async (t) => {
  const { app } = await build(t);
  const { messages } = await watch(app, '/sse/orders');
  const response = await app.inject({ method: 'POST', url: '/sse/orders?type=created', payload: { order: 7 } });
  await turn();
  t.equal(response.statusCode, 201);
  const { id, ...rest } = response.json();
  t.strictSame(rest, { stream: 'orders', type: 'created', time: '2026-01-01T00:00:00.000Z', subscribers: 1 });
  t.strictSame(messages.at(-1), { id, event: 'created', data: '{"order":7}' });
});

t.test('nothing in the query of POST /sse/:id but the type has a say in the event', async (t) => {
  const { app } = await build(t);
  const { messages } = await watch(app, '/events?streams=*');
  const url = '/sse/mine?stream=theirs&data=forged&id=9&time=0&generated=true';
  const response = await app.inject({ method: 'POST', url, payload: { own: true } });
  await turn();
  t.equal(response.json().stream, 'mine');
  const { stream, type, data } = JSON.parse(String(messages.at(-1)?.data));
  t.strictSame({ stream, type, data }, { stream: 'mine', type: 'message', data: { own: true } });
});

t.test('POST /sse/:id takes any JSON value but null as data', async (t) => {
  const { app } = await build(t);
  const { messages } = await watch(app, '/sse/values');
  const headers = { 'content-type': 'application/json' };
  for (const payload of ['0', 'false', '""', '"text"', '[]', '{"a":null}', '1.5', ' [1,\n2] ']) {
    const { statusCode } = await app.inject({ method: 'POST', url: '/sse/values', headers, payload });
    t.equal(statusCode, 201, payload);
  }
  await turn();
  const received = messages.slice(1).map(({ data, event }) => [event, data]);
  const expected = ['0', 'false', '', 'text', '[]', '{"a":null}', '1.5', '[1,2]'];
  t.strictSame(
    received,
    expected.map((data) => [undefined, data]),
  );
});

t.test('POST /sse/:id refuses an empty, missing, null or broken body with 400', async (t) => {
  const { app } = await build(t);
  const json = { 'content-type': 'application/json' };
  const text = { 'content-type': 'text/plain' };
  const bodies = [
    [json, 'null', 'SLUICE_EMPTY_BODY'],
    [json, ' null\n', 'SLUICE_EMPTY_BODY'],
    [json, '', 'SLUICE_EMPTY_BODY'],
    [json, ' \n', 'SLUICE_EMPTY_BODY'],
    [text, '', 'SLUICE_EMPTY_BODY'],
    [{ 'content-type': 'Text/Plain; charset=UTF-8' }, '', 'SLUICE_EMPTY_BODY'],
    [{}, undefined, 'SLUICE_EMPTY_BODY'],
    [json, '{', 'SLUICE_INVALID_JSON'],
    [json, '{"__proto__":1}', 'SLUICE_INVALID_JSON'],
    [json, '9007199254740993', 'SLUICE_INVALID_DATA'],
    [json, '"\\ud800"', 'SLUICE_INVALID_DATA'],
    [json, '['.repeat(65) + ']'.repeat(65), 'SLUICE_INVALID_DATA'],
    [text, Buffer.from([0xff]), 'SLUICE_INVALID_TEXT'],
    [json, Buffer.from([0x22, 0xff, 0x22]), 'SLUICE_INVALID_TEXT'],
  ] as const;
  for (const [headers, payload, code] of bodies) {
    const response = await app.inject({
      method: 'POST',
      url: '/sse/a',
      headers,
      ...(payload !== undefined && { payload }),
    });
    const name = `${JSON.stringify(headers)} ${payload}`;
    t.match(response.json(), { statusCode: 400, error: 'Bad Request', code, message: String }, name);
    t.equal(response.statusCode, 400, name);
  }
  t.equal(app.bus.log.head, 0, 'nothing was published');
});

t.test('POST /sse/:id refuses other body types with 415 that says what to send', async (t) => {
  const { app } = await build(t);
  const types = ['application/x-www-form-urlencoded', 'application/x-ndjson', 'multipart/form-data', 'nonsense'];
  for (const type of types) {
    const headers = { 'content-type': type };
    const response = await app.inject({ method: 'POST', url: '/sse/a', headers, payload: 'x' });
    t.equal(response.statusCode, 415, type);
    t.match(response.json(), { code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE', message: /application\/json/ });
  }
});

t.test('POST /sse/:id refuses data over MAX_EVENT_BYTES with 413', async (t) => {
  const { app } = await build(t, { maxEventBytes: 10 });
  const headers = { 'content-type': 'text/plain' };
  const fits = await app.inject({ method: 'POST', url: '/sse/a', headers, payload: '0123456789' });
  const over = await app.inject({ method: 'POST', url: '/sse/a', headers, payload: '0123456789a' });
  t.equal(fits.statusCode, 201);
  t.equal(over.statusCode, 413);
  t.match(over.json(), { statusCode: 413, error: 'Payload Too Large', code: String, message: String });
});

t.test('a type reserved for the server, or no single line, is refused with 400', async (t) => {
  const { app } = await build(t);
  const headers = { 'content-type': 'application/json' };
  const publish = (type: string) => app.inject({ method: 'POST', url: `/sse/a?type=${type}`, payload: '1', headers });
  const reserved = ['open', 'error', 'connected', 'heartbeat', 'refused', 'expiring'];
  for (const type of reserved) {
    const response = await publish(type);
    t.equal(response.statusCode, 400, type);
    t.equal(response.json().code, 'SLUICE_RESERVED_TYPE', type);
  }
  const broken = ['', 'a%0ab', 'a%0db', 'a%00b', 'a%E2%80%A8b', 'a%C2%85b', 'x'.repeat(129), 'a&type=b'];
  for (const type of broken) {
    const response = await publish(type);
    t.equal(response.statusCode, 400, type);
    t.match(response.json(), { code: 'FST_ERR_VALIDATION' }, type);
  }
  t.equal(app.bus.log.head, 0, 'nothing was published');
});

t.test('a stream name is checked after one percent-decode', async (t) => {
  const { app } = await build(t);
  const good = ['a', 'A.b:c_d-9', '%6frders', 'o%3Ax', 'x'.repeat(128), '%78'.repeat(128)];
  for (const name of good) {
    const response = await app.inject({ method: 'POST', url: `/sse/${name}`, payload: { a: 1 } });
    t.equal(response.statusCode, 201, name);
    t.equal(response.json().stream, decodeURIComponent(name));
  }
  t.equal(app.bus.log.usage().streams, good.length - 1, 'two of the good names are the same');
});

t.test('DELETE /sse/:id purges the history and tells how much', async (t) => {
  const { app } = await build(t);
  const first = await app.inject({ method: 'POST', url: '/sse/a', payload: { a: 1 } });
  await app.inject({ method: 'POST', url: '/sse/a', payload: { a: 2 } });
  const response = await app.inject({ method: 'DELETE', url: '/sse/a' });
  t.equal(response.statusCode, 200);
  t.strictSame(response.json(), { stream: 'a', purged: 2 });
  const { messages } = await watch(app, '/sse/a', { 'last-event-id': first.json().id });
  const { resume, reason, gaps, gapCount } = dataOf(messages[0]);
  t.strictSame({ resume, reason, gaps, gapCount }, { resume: 'gap', reason: 'trimmed', gaps: ['a'], gapCount: 1 });
  const again = await app.inject({ method: 'DELETE', url: '/sse/a' });
  t.strictSame(again.json(), { stream: 'a', purged: 0 });
});

t.test('a type of a body that is not sent is no mistake where none belongs', async (t) => {
  const { app } = await build(t, { auth: 'off' });
  const headers = { 'content-type': 'application/json' };
  const text = { 'content-type': 'text/plain' };
  t.equal((await app.inject({ method: 'DELETE', url: '/sse/a', headers })).statusCode, 200);
  t.equal((await app.inject({ method: 'DELETE', url: '/sse/a', headers: text })).statusCode, 200);
  t.equal((await app.inject({ method: 'DELETE', url: '/session', headers })).statusCode, 204);
  const unwanted = await app.inject({ method: 'DELETE', url: '/sse/a', headers, payload: `"${'x'.repeat(1100)}"` });
  t.match(unwanted.json(), { statusCode: 413, message: 'the body must have at most 1024 bytes' });
});

t.test('one stream more than MAX_STREAMS is 429, a known one is not', async (t) => {
  const { app } = await build(t, { maxStreams: 2 });
  const codes: number[] = [];
  for (const name of ['a', 'b', 'c', 'a']) {
    codes.push((await app.inject({ method: 'POST', url: `/sse/${name}`, payload: { a: 1 } })).statusCode);
  }
  t.strictSame(codes, [201, 201, 429, 201]);
});

t.test('?last= takes 1 to 1000 and nothing else', async (t) => {
  const { app } = await build(t);
  for (const data of [1, 2, 3]) {
    await app.inject({ method: 'POST', url: '/sse/a', payload: { data } });
  }
  const two = await watch(app, '/sse/a?last=2');
  t.equal(dataOf(two.messages[0]).resume, 'fresh');
  t.strictSame(two.messages.slice(1).map(dataOf), [{ data: 2 }, { data: 3 }]);
  t.ok(
    two.messages.slice(1).every(({ id }) => id !== undefined),
    'with their ids',
  );
  const all = await watch(app, '/sse/a?last=1000');
  t.equal(all.messages.length, 4);
  for (const last of ['0', '1001', '-1', '1.5', 'abc', '', '1&last=2', '1e3x']) {
    for (const path of ['/sse/a', '/events', '/stream']) {
      const response = await app.inject(`${path}?last=${last}`);
      t.equal(response.statusCode, 400, `${path}?last=${last}`);
    }
  }
});

t.test('HEAD sends the headers, ends, and starts nothing', async (t) => {
  const { app } = await build(t, { demo: true });
  for (const url of ['/sse/lottery', '/sse/clock', '/events', '/stream']) {
    const response = await app.inject({ method: 'HEAD', url });
    t.equal(response.statusCode, 200, url);
    t.equal(response.headers['content-type'], 'text/event-stream; charset=utf-8', url);
    t.equal(response.body, '', url);
  }
  t.strictSame(app.generators.running, []);
  t.equal(app.streams.size, 0);
});
