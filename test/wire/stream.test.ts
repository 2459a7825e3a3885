import t from 'tap';
import { connect, readBody, request } from '../support/raw-client.js';
import { dataOf } from '../support/watch.js';
import { eventually, serve } from './serve.js';

t.test('the head and the first frame come at once; the body is unchunked', async (t) => {
  const { port } = await serve(t);
  const client = await connect(t, port, request('GET /sse/a'));
  const text = await client.until(/event: connected\ndata: .*\n\n$/);
  const [head = ''] = text.split('\r\n\r\n');
  const [status, ...fields] = head.split('\r\n');
  t.equal(status, 'HTTP/1.1 200 OK');
  const names = fields.map((field) => field.split(':')[0]?.toLowerCase());
  t.notOk(names.includes('transfer-encoding'));
  t.notOk(names.includes('content-length'));
  t.match(head, /\r\ncontent-type: text\/event-stream; charset=utf-8\r\n/i);
  t.match(head, /\r\nconnection: close/i);
  t.match(text, /\r\n\r\nretry: \d+\nid: \S+\nevent: connected\n/);
});

t.test('each event is an id line, its type and its data', async (t) => {
  const { app, port } = await serve(t);
  const client = await connect(t, port, request('GET /sse/a'));
  await client.until(/connected/);
  const first = await app.bus.publish({ stream: 'a', data: 'two\r\nlines' });
  const second = await app.bus.publish({ stream: 'a', type: 'created', data: { n: 1 } });
  const text = await client.until(/created/);
  const [, ...frames] = text.split('\r\n\r\n')[1]?.trimEnd().split('\n\n') ?? [];
  t.strictSame(frames, [`id: ${first.id}\ndata: two\ndata: lines`, `id: ${second.id}\nevent: created\ndata: {"n":1}`]);
});

t.test('the server ends a stream by FIN after the last byte', async (t) => {
  const { app, port } = await serve(t);
  const client = await connect(t, port, request('GET /sse/a'));
  await client.until(/connected/);
  await app.bus.publish({ stream: 'a', data: 'last words' });
  const closed = app.close();
  t.equal(await client.ending, 'fin');
  t.match(client.text, /data: last words\n\nretry: \d+\n\n$/);
  client.socket.end();
  await closed;
});

t.test('HEAD gets the same headers and no body', async (t) => {
  const { port } = await serve(t);
  const stream = await connect(t, port, request('GET /sse/a'));
  const names = (text: string) => (text.split('\r\n\r\n')[0] ?? '').match(/^[\w-]+(?=:)/gm)?.sort();
  const client = await connect(t, port, request('HEAD /sse/a', { connection: 'close' }));
  t.equal(await client.ending, 'fin');
  t.strictSame(names(client.text), names(await stream.until(/connected/)));
  t.match(client.text, /^HTTP\/1\.1 200 OK\r\n.*text\/event-stream.*\r\n\r\n$/is);
});

t.test('an HTTP/1.0 client is served the same', async (t) => {
  const { app, port } = await serve(t);
  const client = await connect(t, port, 'GET /sse/a HTTP/1.0\r\n\r\n');
  await client.until(/connected/);
  await app.bus.publish({ stream: 'a', data: 'hello' });
  t.match(await client.until(/data: hello\n\n/), /^HTTP\/1\.1 200 OK\r\n/);
  t.notMatch(client.text, /transfer-encoding/i);
});

t.test('a stream pipelined behind another request is served after its answer', async (t) => {
  const { app, port } = await serve(t);
  const client = await connect(t, port, request('GET /livez') + request('GET /sse/a'));
  const text = await client.until(/event: connected\ndata: .*\n\n/);
  t.ok(text.indexOf('{"status":"live"}') < text.indexOf('event: connected'));
  await app.bus.publish({ stream: 'a', data: 'hello' });
  await client.until(/data: hello\n\n/);
  const closed = app.close();
  t.equal(await client.ending, 'fin');
  t.match(client.text, /retry: \d+\n\n$/);
  client.socket.end();
  await closed;
});

t.test('a stream that is refused behind another request ends too', async (t) => {
  const { app, port } = await serve(t);
  app.streams.stopAccepting();
  const client = await connect(t, port, request('GET /livez') + request('GET /sse/a'));
  t.match(await client.until(/event: refused\ndata: .*\n\n/), /\{"status":"live"\}.*SLUICE_SHUTTING_DOWN/s);
  t.equal(await client.ending, 'fin');
});

t.test('a request pipelined behind a stream is never answered, and the stream goes on', async (t) => {
  const { app, port } = await serve(t);
  const client = await connect(t, port, request('GET /sse/a') + request('GET /livez'));
  await client.until(/connected/);
  await app.bus.publish({ stream: 'a', data: 'hello' });
  await client.until(/data: hello\n\n/);
  t.notMatch(client.text, /"live"/);
  client.socket.destroy();
  await eventually(() => app.streams.size === 0);
  t.equal(app.streams.closed.client, 1);
});

t.test('dots in a path do not lead anywhere', async (t) => {
  const { port } = await serve(t);
  for (const path of ['/sse/..', '/sse/%2e%2e', '/../package.json', '/assets/../../package.json', '//etc/passwd']) {
    const client = await connect(t, port, request(`GET ${path}`, { connection: 'close' }));
    await client.ending;
    t.match(client.text, /^HTTP\/1\.1 40[04] /, path);
  }
});

t.test('a client comes back with its cursor and gets exactly what it missed', async (t) => {
  const { app, port } = await serve(t);
  const first = await connect(t, port, request('GET /events?streams=a,b.*'));
  await first.until(/connected/);
  await app.bus.publish({ stream: 'a', data: 1 });
  await first.until(/"data":1/);
  first.socket.destroy();
  await eventually(() => app.streams.size === 0);
  for (const stream of ['b.x', 'other', 'a']) {
    await app.bus.publish({ stream, data: stream });
  }
  const cursor = readBody(first.text).cursor ?? '';
  const second = await connect(t, port, request('GET /events?streams=a,b.*', { 'last-event-id': cursor }));
  await second.until(/"data":"a"/);
  const [connected, ...missed] = readBody(second.text).messages.map((message) => dataOf(message));
  t.match(connected, { data: { resume: 'exact', cursor } });
  t.strictSame(
    missed.map(({ data }) => data),
    ['b.x', 'a'],
  );
});

t.test('a client that cannot have everything back is told so', async (t) => {
  const { app, port } = await serve(t);
  const { id } = await app.bus.publish({ stream: 'a', data: 1 });
  await app.bus.publish({ stream: 'a', data: 2 });
  await app.bus.purge('a');
  await app.bus.publish({ stream: 'a', data: 3 });
  const client = await connect(t, port, request('GET /sse/a', { 'last-event-id': id }));
  await client.until(/data: 3\n\n/);
  const [connected, ...retained] = readBody(client.text).messages;
  const { resume, reason, gaps, gapCount } = dataOf(connected);
  t.strictSame({ resume, reason, gaps, gapCount }, { resume: 'gap', reason: 'trimmed', gaps: ['a'], gapCount: 1 });
  t.strictSame(
    retained.map(({ data }) => data),
    ['3'],
  );
});
