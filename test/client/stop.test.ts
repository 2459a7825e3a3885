import t from 'tap';
import { connect, StreamError } from '../../client/index.js';
import { QUICK, serve, serveStreams, take, watch } from './support.js';

/** A server that answers with this status, and counts. */
async function answering(t: Parameters<typeof serve>[0], status: number, headers = {}, body: object | string = '') {
  const seen = { requests: 0 };
  const { url } = await serve(t, (_request, response) => {
    seen.requests++;
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  return { url, seen };
}

for (const status of [400, 401, 403, 404, 410, 201, 304]) {
  t.test(`stops for good on ${status}, and says why`, async (t) => {
    const body = status === 304 ? '' : { code: 'SLUICE_SOMETHING', message: 'in words' };
    const { url, seen } = await answering(t, status, {}, body);
    const { connection, reached } = watch(t, url);
    const error: unknown = await take(connection, 1).catch((reason) => reason);
    t.ok(error instanceof StreamError);
    t.match(error, { name: 'StreamError', code: 'status', status });
    if (body !== '') {
      t.match(error, { message: 'in words', serverCode: 'SLUICE_SOMETHING' });
    }
    t.strictSame(await reached('closed'), connection.state);
    t.strictSame(connection.state, { status: 'closed', error: error as StreamError });
    t.equal(seen.requests, 1);
  });
}

t.test('stops for good on 204', async (t) => {
  const { url, seen } = await answering(t, 204);
  await t.rejects(take(connect(url, QUICK), 1), { name: 'StreamError', code: 'no-content', status: 204 });
  t.equal(seen.requests, 1);
});

t.test('stops for good on what is no event stream', async (t) => {
  for (const type of ['text/html', 'text/event-streams', 'application/json; x=text/event-stream']) {
    const { url, seen } = await answering(t, 200, { 'content-type': type }, 'data: a\n\n');
    await t.rejects(take(connect(url, QUICK), 1), { code: 'content-type', message: new RegExp(`with ${type}`) });
    t.equal(seen.requests, 1);
  }
  const { url } = await answering(t, 200);
  await t.rejects(take(connect(url, QUICK), 1), { code: 'content-type', message: /no content type/ });
});

for (const status of [408, 425, 429, 500, 502, 503]) {
  t.test(`waits on ${status}, as long as Retry-After says`, async (t) => {
    const { url } = await answering(t, status, { 'retry-after': '7' }, { message: 'in words' });
    const { reached } = watch(t, url);
    const { reason, delayMs } = await reached('waiting');
    t.strictSame(reason, { code: 'unavailable', message: 'in words', status });
    t.equal(delayMs, 7000);
  });
}

t.test('comes in once the server is well again', async (t) => {
  let requests = 0;
  const { url } = await serve(t, (_request, response) => {
    requests++;
    const isWell = requests > 3;
    response.writeHead(isWell ? 200 : 503, { 'content-type': isWell ? 'text/event-stream' : 'text/html' });
    response.end(isWell ? 'data: a\n\n' : '<h1>Bad gateway</h1>');
  });
  const { connection, interruptions, states } = watch(t, url);
  t.match(await take(connection, 1), [{ data: 'a' }]);
  t.strictSame(interruptions(), ['unavailable', 'unavailable', 'unavailable']);
  t.match(states[1], { reason: { message: '503 Service Unavailable' } }, 'a page of a proxy is not shown');
});

t.test('what was received before it stopped for good is delivered first', async (t) => {
  let requests = 0;
  const { url } = await serve(t, (_request, response) => {
    requests++;
    response.writeHead(requests === 1 ? 200 : 403, { 'content-type': 'text/event-stream' });
    response.end(requests === 1 ? 'data: 1\n\ndata: 2\n\n' : '');
  });
  const { connection, reached } = watch(t, url);
  const loop = connection[Symbol.asyncIterator]();
  await reached('closed');
  t.match(await loop.next(), { done: false, value: { data: 1 } });
  t.match(await loop.next(), { done: false, value: { data: 2 } });
  await t.rejects(loop.next(), { code: 'status', status: 403 });
  t.strictSame(await loop.next(), { done: true, value: undefined });
});

t.test('what no request can have is an error at once', async (t) => {
  t.throws(() => connect('http://'), TypeError);
  t.throws(() => connect('http://user:secret@127.0.0.1/'), TypeError);
  for (const url of ['ftp://127.0.0.1/', 'ws://127.0.0.1/', 'file:///etc/hosts', 'blob:http://127.0.0.1/1']) {
    t.throws(() => connect(url), { name: 'TypeError', message: `not http or https: ${url}` });
  }
  t.throws(() => connect('http://127.0.0.1/', { headers: { 'bad name': 'x' } }), TypeError);
  t.throws(() => connect('http://127.0.0.1/', { headers: [['authorization', 'Bearer a\nb']] }), TypeError);
  t.throws(() => connect('http://127.0.0.1/', { lastEventId: 'a\nb' }), TypeError);
});

t.test('a second loop is an error that says what to do', async (t) => {
  const { url } = await serveStreams(t, 'data: a\n\n');
  const { connection } = watch(t, url);
  connection[Symbol.asyncIterator]();
  t.throws(() => connection[Symbol.asyncIterator](), /one for await loop: use on\(\)/);
});
