import { join } from 'node:path';
import Fastify from 'fastify';
import t from 'tap';
import sluice from '../../src/app.js';
import { bearer, guard, keyFile } from '../support/keys.js';

const everything = { publish: ['*'], subscribe: ['*'] };

t.test('a key begins at most MAX_STREAMS_PER_PRINCIPAL streams, and more when some of them are purged', async (t) => {
  const { app } = await guard(t, { ours: everything, theirs: everything }, { maxStreamsPerPrincipal: 3 });
  const send = async (method: 'POST' | 'PUT' | 'DELETE', url: string, name: string, payload?: object) => {
    const { statusCode } = await app.inject({ method, url, headers: bearer(name), ...(payload && { payload }) });
    return statusCode;
  };
  const data = { a: 1 };
  t.equal(await send('POST', '/sse/a', 'ours', data), 201);
  t.equal(await send('PUT', '/tasks/b', 'ours', { moved: 1, total: 2 }), 200);
  const batch = ['c', 'd'].map((stream) => ({ stream, data }));
  t.equal(await send('POST', '/events', 'ours', batch), 429, 'a batch, all or nothing');
  t.equal(app.bus.log.head, 2);
  t.equal(await send('POST', '/notify', 'ours', { message: 'hello' }), 201);
  t.equal(await send('POST', '/sse/e', 'ours', data), 429);
  t.equal(await send('POST', '/sse/a', 'ours', data), 201, 'those that are there go on');
  t.equal(await send('POST', '/sse/e', 'theirs', data), 201, 'and so do others');
  t.equal(await send('POST', '/sse/e', 'ours', data), 201, 'whose streams are open to it');
  t.equal(await send('DELETE', '/sse/a', 'ours'), 200);
  t.equal(await send('POST', '/sse/f', 'ours', data), 201);
  const refused = await app.inject({ method: 'POST', url: '/sse/g', headers: bearer('ours'), payload: data });
  t.match(refused.json(), { statusCode: 429, code: 'SLUICE_TOO_MANY_STREAMS', message: /limit of 3 streams/ });
});

t.test('that there are as many streams as may be is in the log, once a minute', async (t) => {
  const lines: { event?: string; code?: string; reason?: string }[] = [];
  const stream = { write: (line: string) => lines.push(JSON.parse(line)) };
  const app = Fastify({ logger: { stream } });
  t.teardown(() => app.close());
  await app.register(sluice, { maxStreams: 1 });
  const statuses: number[] = [];
  for (const url of ['/sse/a', '/sse/b', '/sse/c', '/tasks/d']) {
    const method = url.startsWith('/sse') ? 'POST' : 'PUT';
    const { statusCode } = await app.inject({ method, url, payload: { moved: 1, total: 2 } });
    statuses.push(statusCode);
  }
  t.strictSame(statuses, [201, 429, 429, 429]);
  const told = lines.filter(({ event }) => event === 'refusing');
  t.match(told, [{ code: 'SLUICE_TOO_MANY_STREAMS', reason: /limit of 1 streams/ }]);
  t.equal(told.length, 1);
});

t.test("a publisher's limit and the server's are told of each by a line of its own", async (t) => {
  const lines: { event?: string; reason?: string }[] = [];
  const stream = { write: (line: string) => lines.push(JSON.parse(line)) };
  const path = join(t.testdir({ 'keys.json': keyFile({ ours: everything, theirs: everything }) }), 'keys.json');
  const app = Fastify({ logger: { stream } });
  t.teardown(() => app.close());
  await app.register(sluice, { auth: 'on', authKeysFile: path, maxStreams: 3, maxStreamsPerPrincipal: 2 });
  const begin = async (name: string, stream: string) => {
    const request = { method: 'POST', url: `/sse/${stream}`, payload: {}, headers: bearer(name) } as const;
    return (await app.inject(request)).statusCode;
  };
  t.strictSame([await begin('ours', 'a'), await begin('ours', 'b'), await begin('ours', 'c')], [201, 201, 429]);
  t.strictSame([await begin('theirs', 'd'), await begin('theirs', 'e')], [201, 429]);
  t.match(
    lines.filter(({ event }) => event === 'refusing'),
    [{ reason: /limit of 2 streams/ }, { reason: /limit of 3 streams/ }],
  );
});
