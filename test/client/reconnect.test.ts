import { once } from 'node:events';
import t from 'tap';
import type { Expiring, HeaderSource } from '../../client/index.js';
import { eventually } from '../wire/serve.js';
import { QUICK, serve, serveStreams, take, watch } from './support.js';

/** A server that asks for time. */
async function failing(t: Parameters<typeof serve>[0], retryAfter: string) {
  const seen = { requests: 0 };
  const { url } = await serve(t, (_request, response) => {
    seen.requests++;
    response.writeHead(503, { 'retry-after': retryAfter }).end();
  });
  return { url, seen };
}

t.test('returns with the last id after the server ends the stream, and says why', async (t) => {
  const { url, cursors } = await serveStreams(t, 'id: 1\ndata: a\n\n', 'data: b\n\nid: 2\ndata: c\n\n', 'data: d\n\n');
  const { connection, states, interruptions } = watch(t, url);
  const events = await take(connection, 4);
  t.strictSame(
    events.map(({ id, data }) => `${id} ${data}`),
    ['1 a', '1 b', '2 c', '2 d'],
  );
  t.strictSame(cursors, [undefined, '1', '2']);
  t.strictSame(interruptions(), ['ended', 'ended']);
  t.strictSame(
    states.map(({ status }) => status),
    ['connecting', 'open', 'waiting', 'connecting', 'open', 'waiting', 'connecting', 'open', 'closed'],
  );
});

t.test('an empty id clears the cursor', async (t) => {
  const { url, cursors } = await serveStreams(t, 'id: 1\ndata: a\n\n', 'id\ndata: b\n\n', 'data: c\n\n');
  await take(watch(t, url).connection, 3);
  t.strictSame(cursors, [undefined, '1', undefined]);
});

t.test('starts from a kept cursor, and sends one beyond ASCII as its UTF-8', async (t) => {
  const { url, cursors } = await serveStreams(t, 'data: a\n\n');
  await take(watch(t, url, { lastEventId: '☃' }).connection, 1);
  t.equal(Buffer.from(String(cursors[0]), 'latin1').toString(), '☃');
});

t.test('an unfinished event is discarded when the stream breaks off, and its id with it', async (t) => {
  const { url, cursors } = await serveStreams(t, 'id: 1\ndata: a\n\nid: 2\ndata: lost\n', 'data: b\n\n');
  const events = await take(watch(t, url).connection, 2);
  t.strictSame(
    events.map(({ data }) => data),
    ['a', 'b'],
  );
  t.strictSame(cursors, [undefined, '1']);
});

t.test('a fetch of your own may fail with anything', async (t) => {
  for (const failure of [null, undefined, 'gone']) {
    const { reached } = watch(t, 'http://127.0.0.1/', { fetch: () => Promise.reject(failure) });
    const { reason } = await reached('waiting');
    t.strictSame(reason, { code: 'network', message: `the connection failed: ${failure}` });
  }
});

t.test('a cut socket is a network failure, also in the middle of the headers', async (t) => {
  let requests = 0;
  const { url } = await serve(t, (_request, response) => {
    requests++;
    if (requests === 1) {
      response.socket?.destroy();
    } else if (requests === 2) {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('id: 7\ndata: a\n\n');
      response.socket?.destroySoon();
    } else {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: b\n\n');
    }
  });
  const { connection, interruptions, states } = watch(t, url);
  await take(connection, 2);
  t.strictSame(interruptions(), ['network', 'network']);
  const attempts = states.flatMap((state) => (state.status === 'connecting' ? [state.attempt] : []));
  t.strictSame(attempts, [1, 2, 2], 'a connection that worked starts the count anew');
});

t.test('a server that is not there yet is found once it is', async (t) => {
  const { url, server } = await serveStreams(t, 'data: a\n\n');
  const { port } = new URL(url);
  server.close();
  await once(server, 'close');
  const { connection, interruptions } = watch(t, url);
  const first = take(connection, 1);
  await eventually(() => interruptions().length >= 3);
  server.listen(Number(port), '127.0.0.1');
  t.match(await first, [{ data: 'a' }]);
  t.ok(interruptions().every((code) => code === 'network'));
});

t.test('retry: sets the base of the backoff, also at the end of a stream', async (t) => {
  const { url } = await serveStreams(t, 'data: a\n\nretry: 86400000\n', '');
  const { connection, reached } = watch(t, url, { retryMs: 1, maxRetryMs: 2 });
  connection.on(() => {});
  const { delayMs } = await reached('waiting');
  t.ok(delayMs > 2, `full jitter of a day: ${delayMs} ms`);
});

t.test('refused waits as it is told, never less, and is no event', async (t) => {
  const refused = 'retry: 60000\nevent: refused\ndata: {"code":"SLUICE_TOO_MANY_CONNECTIONS","message":"too many"}\n\n';
  for (const body of [refused, 'retry: 60000\ndata: {"type":"refused","data":{"message":"too many"}}\n\n']) {
    const { url } = await serveStreams(t, body);
    const { connection, reached } = watch(t, url);
    connection.on((event) => t.fail(`delivered ${event.type}`));
    const { reason, delayMs } = await reached('waiting');
    t.strictSame(reason, { code: 'refused', message: 'too many' });
    t.equal(delayMs, 60_000);
    connection.close();
  }
});

t.test('a wait longer than timers can is as long as they can', async (t) => {
  const { url, cursors } = await serveStreams(t, 'retry: 3000000000\nevent: refused\ndata: {"message":"full"}\n\n');
  const { connection, reached } = watch(t, url);
  connection.on(() => {});
  const { delayMs } = await reached('waiting');
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(delayMs, 2 ** 31 - 1);
  t.equal(cursors.length, 1, 'and no hammering');
  connection.close();
});

t.test('an endless backoff does not hammer either', async (t) => {
  const { url, seen } = await failing(t, '99999999999');
  const { connection, reached } = watch(t, url, { retryMs: Number.POSITIVE_INFINITY });
  const { delayMs } = await reached('waiting');
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(delayMs, 2 ** 31 - 1);
  t.equal(seen.requests, 1);
  connection.close();
});

t.test('comes in once it is no longer refused', async (t) => {
  const refused = 'retry: 3\nevent: refused\ndata: {"message":"full"}\n\n';
  const { url, cursors } = await serveStreams(t, refused, refused, 'data: in\n\n');
  const { connection, interruptions } = watch(t, url, { lastEventId: 'x' });
  t.match(await take(connection, 1), [{ data: 'in' }]);
  t.strictSame(interruptions(), ['refused', 'refused']);
  t.strictSame(cursors, ['x', 'x', 'x'], 'the cursor stays');
});

t.test('expiring is told at once, and its end is named', async (t) => {
  const expiring = '{"message":"your token expires","expires":1795232154117}';
  const { url } = await serveStreams(t, `data: a\n\nevent: expiring\ndata: ${expiring}\n\n`, '');
  const told: Expiring[] = [];
  const { connection, reached } = watch(t, url, { onExpiring: (data) => told.push(data) });
  const types: string[] = [];
  connection.on(({ type }) => types.push(type));
  const { reason } = await reached('waiting');
  t.strictSame(reason, { code: 'expired', message: 'your token expires' });
  t.strictSame(told, [{ message: 'your token expires', expires: 1795232154117 }]);
  t.strictSame(types, ['message'], 'the frame itself is no event');
});

t.test('headers are made anew for each attempt, and a failure to make them is waited out', async (t) => {
  const seen: unknown[] = [];
  const { url } = await serve(t, (request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end('data: a\n\n');
  });
  let calls = 0;
  const headers = async () => {
    calls++;
    if (calls === 2) {
      throw new Error('the token service is down');
    }
    return { authorization: `Bearer ${calls}` };
  };
  const { connection, interruptions, states } = watch(t, url, { headers });
  await take(connection, 2);
  t.strictSame(seen, ['Bearer 1', 'Bearer 3']);
  t.strictSame(interruptions(), ['ended', 'headers']);
  t.match(states[4], { reason: { message: /the token service is down/ } });
});

const FORMS: Record<string, Exclude<HeaderSource, undefined>> = {
  'an object': { Authorization: 'Bearer x' },
  Headers: new Headers({ authorization: 'Bearer x' }),
  pairs: [['authorization', 'Bearer x']],
  // As plain JavaScript may pass it.
  'a map': new Map([['authorization', 'Bearer x']]) as never,
  'a function that makes Headers': async () => new Headers({ authorization: 'Bearer x' }),
};

for (const [form, headers] of Object.entries(FORMS)) {
  t.test(`headers may be ${form}`, async (t) => {
    const seen: unknown[] = [];
    const { url } = await serve(t, (request, response) => {
      const { authorization, accept, 'last-event-id': cursor } = request.headers;
      seen.push(authorization, accept, cursor);
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: a\n\n');
    });
    await take(watch(t, url, { headers, lastEventId: '1' }).connection, 1);
    t.strictSame(seen, ['Bearer x', 'text/event-stream', '1']);
  });
}

t.test('headers that a function makes badly are the interruption that says so', async (t) => {
  const { url } = await serve(t, () => t.fail('a request came'));
  const { connection, reached } = watch(t, url, { headers: () => ({ authorization: 'Bearer a\nb' }) });
  const { reason } = await reached('waiting');
  connection.close();
  t.match(reason, { code: 'headers', message: /could not be made: TypeError/ });
});

t.test('follows redirects, each time from the address it was given', async (t) => {
  const paths: unknown[] = [];
  const { url } = await serve(t, (request, response) => {
    paths.push(request.url);
    if (request.url !== '/moved') {
      response.writeHead(paths.length > 2 ? 307 : 301, { location: '/moved' }).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'Text/Event-Stream;charset=UTF-8' }).end('id: 3\ndata: a\n\n');
  });
  t.equal((await take(watch(t, url, QUICK).connection, 2)).length, 2);
  t.strictSame(paths, ['/', '/moved', '/', '/moved']);
});

t.test('a relative URL is resolved once, whatever the page moves to afterwards', async (t) => {
  const paths: unknown[] = [];
  const { url } = await serve(t, (request, response) => {
    paths.push(request.url);
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: a\n\n');
  });
  const { Request: original } = globalThis;
  t.teardown(() => Object.assign(globalThis, { Request: original }));
  // Node has no address that a URL could be relative to.
  const at = (page: string) =>
    class extends original {
      constructor(input: string, init?: RequestInit) {
        super(new URL(input, page), init);
      }
    };
  Object.assign(globalThis, { Request: at(`${url}shop/`) });
  const { connection } = watch(t, 'events', { fetch: (input, init) => fetch(new Request(String(input)).url, init) });
  Object.assign(globalThis, { Request: at(`${url}shop/cart/`) });
  await take(connection, 2);
  t.strictSame(paths, ['/shop/events', '/shop/events']);
});
