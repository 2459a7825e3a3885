import t from 'tap';
import { PublishError, type Published, publish } from '../../client/index.js';
import { parseSelection } from '../../src/events/selection.js';
import { eventually } from '../wire/serve.js';
import { serve, startHub } from './support.js';

t.test('publishes any JSON value and resolves with what the hub says of it', async (t) => {
  const { app, url } = await startHub(t);
  const first = await publish(url, 'orders.eu:1', { total: 9 }, { type: 'order placed' });
  t.match(first, { id: String, stream: 'orders.eu:1', type: 'order placed', time: String, subscribers: 0 });
  const values = ['text', '', 0, false, [], 'a\nb'];
  for (const data of values) {
    t.match(await publish(`${url}/`, 'a', data), { stream: 'a', type: 'message' });
  }
  t.match(await publish(new URL(url), 'a', 1), { stream: 'a' });
  const { events } = await app.bus.log.read(parseSelection('*'), 0, 10_000);
  t.strictSame(
    events.map(({ json }) => JSON.parse(json)),
    [{ total: 9 }, ...values, 1],
  );
});

t.test('what the hub will not have is rejected, in its words', async (t) => {
  const { url } = await startHub(t);
  const cases: [stream: string, data: unknown, type: string, serverCode: string][] = [
    ['a b', 1, 'x', 'FST_ERR_VALIDATION'],
    ['a', 1, 'heartbeat', 'SLUICE_RESERVED_TYPE'],
    ['a', null, 'x', 'SLUICE_EMPTY_BODY'],
  ];
  for (const [stream, data, type, serverCode] of cases) {
    const error: unknown = await publish(url, stream, data, { type }).catch((reason) => reason);
    t.ok(error instanceof PublishError);
    t.match(error, { name: 'PublishError', code: 'rejected', status: 400, serverCode, message: /\w/ });
  }
});

t.test('sends its key and headers, made for this request', async (t) => {
  const seen: unknown[] = [];
  const reply: Published = { id: '1', stream: 'a', type: 'message', time: '' };
  const { url } = await serve(t, ({ method, url: path, headers }, response) => {
    const { authorization, 'idempotency-key': key, 'content-type': type } = headers;
    seen.push({ method, path, authorization, key, type });
    response.writeHead(201).end(JSON.stringify(reply));
  });
  const headers = async () => ({ authorization: 'Bearer x' });
  t.strictSame(await publish(url, 'a/b', 1, { headers, idempotencyKey: 'k1', type: 'é&' }), reply);
  t.strictSame(seen, [
    {
      method: 'POST',
      path: '/sse/a%2Fb?type=%C3%A9%26',
      authorization: 'Bearer x',
      key: 'k1',
      type: 'application/json',
    },
  ]);
});

t.test('headers may be Headers too; bad ones are an error of their own', async (t) => {
  const seen: unknown[] = [];
  const { url } = await serve(t, ({ headers }, response) => {
    seen.push(headers.authorization, headers['content-type'], headers['idempotency-key']);
    response.writeHead(201).end('{"id":"1"}');
  });
  const headers = new Headers({ authorization: 'Bearer x' });
  await publish(url, 'a', 1, { headers, idempotencyKey: 'k' });
  t.strictSame(seen, ['Bearer x', 'application/json', 'k']);
  await t.rejects(publish(url, 'a', 1, { headers: { authorization: 'a\nb' } }), TypeError);
  await t.rejects(publish(url, 'a', 1, { idempotencyKey: 'a\nb' }), TypeError);
});

t.test('tells what may be tried again, and when', async (t) => {
  let status = 429;
  const { url } = await serve(t, (_request, response) => {
    response.writeHead(status, { 'retry-after': '2' }).end('{"message":"slow down"}');
  });
  const error = { code: 'unavailable', status, message: 'slow down', retryAfterMs: 2000 };
  await t.rejects(publish(url, 'a', 1), error);
  status = 503;
  await t.rejects(publish(url, 'a', 1), { ...error, status });
});

/** Answers with these statuses in turn, then accepts. */
async function refusing(t: Parameters<typeof serve>[0], retryAfter: string, ...statuses: number[]) {
  const keys: unknown[] = [];
  const { url } = await serve(t, ({ headers }, response) => {
    const status = statuses[keys.length] ?? 201;
    keys.push(headers['idempotency-key']);
    response.writeHead(status, status === 201 ? {} : { 'retry-after': retryAfter });
    response.end(status === 201 ? '{"id":"1"}' : '{"message":"slow down"}');
  });
  return { url, keys };
}

t.test('with a key, it follows Retry-After and sends the same key again', async (t) => {
  const { url, keys } = await refusing(t, '0', 429, 503, 429);
  t.match(await publish(url, 'a', 1, { idempotencyKey: 'k' }), { id: '1' });
  t.strictSame(keys, ['k', 'k', 'k', 'k']);
});

t.test('it follows Retry-After three times, then says so', async (t) => {
  const { url, keys } = await refusing(t, '0', 429, 429, 429, 503);
  await t.rejects(publish(url, 'a', 1, { idempotencyKey: 'k' }), { code: 'unavailable', status: 503 });
  t.equal(keys.length, 4);
});

t.test('without a key, or for longer than 30 s, it does not wait', async (t) => {
  const soon = await refusing(t, '0', 429);
  await t.rejects(publish(soon.url, 'a', 1), { code: 'unavailable', status: 429 });
  const late = await refusing(t, '31', 429);
  await t.rejects(publish(late.url, 'a', 1, { idempotencyKey: 'k' }), { code: 'unavailable', status: 429 });
  t.equal(soon.keys.length + late.keys.length, 2);
});

t.test('an abort ends the waiting', async (t) => {
  const { url, keys } = await refusing(t, '30', 429);
  const controller = new AbortController();
  const published = publish(url, 'a', 1, { idempotencyKey: 'k', signal: controller.signal });
  setTimeout(() => controller.abort(new Error('enough')), 50);
  await t.rejects(published, { message: 'enough' });
  t.equal(keys.length, 1);
});

t.test('no answer is a network error, before and in the middle of it', async (t) => {
  const { url, server } = await serve(t, (_request, response) => {
    response.writeHead(201, { 'content-length': '100' }).write('{', () => response.socket?.destroy());
  });
  await t.rejects(publish(url, 'a', 1), { code: 'network', message: /no answer from http/ });
  server.close();
  await t.rejects(publish(url, 'a', 1), { code: 'network', message: /fetch failed: connect ECONNREFUSED/ });
  const { port } = new URL(url);
  await t.rejects(publish(`http://localhost:${port}`, 'a', 1), { message: /fetch failed: .*ECONNREFUSED/ });
});

t.test('a reply of something else is not taken for one of the hub', async (t) => {
  for (const body of ['<h1>hello</h1>', '{}', 'null', '"text"']) {
    const { url } = await serve(t, (_request, response) => response.end(body));
    await t.rejects(publish(url, 'a', 1), { code: 'reply', status: 200, message: /no Sluice server/ });
  }
});

t.test('a redirect that makes a GET of it is told, and the stream behind it is left', async (t) => {
  const { app, url } = await startHub(t);
  for (const status of [301, 302, 303]) {
    const proxy = await serve(t, (request, response) => {
      response.writeHead(status, { location: new URL(request.url ?? '', url).href }).end();
    });
    const error = { code: 'reply', status: 200, message: `${url}/sse/a takes no event: it was redirected there` };
    await t.rejects(publish(proxy.url, 'a', 1, { signal: AbortSignal.timeout(2000) }), error);
    await eventually(() => app.streams.size === 0);
  }
});

t.test('a redirect that keeps the method is followed', async (t) => {
  const { url } = await startHub(t);
  const proxy = await serve(t, (request, response) => {
    response.writeHead(308, { location: new URL(request.url ?? '', url).href }).end();
  });
  t.match(await publish(proxy.url, 'a', 1), { stream: 'a' });
});

t.test('an abort rejects with the reason of the signal', async (t) => {
  const { url } = await serve(t, () => controller.abort(new Error('enough')));
  const controller = new AbortController();
  await t.rejects(publish(url, 'a', 1, { signal: controller.signal }), { message: 'enough' });
});

t.test('an abort counts while the headers are being made, too, and before', async (t) => {
  const controller = new AbortController();
  const headers = () => {
    setImmediate(() => controller.abort(new Error('enough')));
    return new Promise<never>(() => {});
  };
  await t.rejects(publish('http://127.0.0.1/', 'a', 1, { headers, signal: controller.signal }), { message: 'enough' });
  const uncalled = () => {
    t.fail('headers were made');
    return {};
  };
  const { signal } = controller;
  await t.rejects(publish('http://127.0.0.1/', 'a', 1, { headers: uncalled, signal }), { message: 'enough' });
});
