import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyRequest } from 'fastify';
import t from 'tap';
import sluice from '../../src/app.js';
import { startServer } from '../server/process.js';
import { openFiles } from '../support/open-files.js';
import { connect, request } from '../support/raw-client.js';
import { eventually, serve } from './serve.js';

const MAX_WAITING = 16;
const BUNDLE = 'swagger-ui-bundle.js';
const FILE = request(`GET /docs/static/${BUNDLE}`);
const LIVE = request('GET /livez');
const PUBLISH = request('POST /sse/a', { 'content-type': 'text/plain', 'content-length': '1' }, 'x');

function answersIn(text: string): number {
  return text.match(/HTTP\/1\.1 200 OK/g)?.length ?? 0;
}

t.test('streams pipelined behind a stream never begin, and nothing is left of them', async (t) => {
  const { app, port } = await serve(t);
  const client = await connect(t, port, request('GET /sse/a').repeat(1 + MAX_WAITING));
  await client.until(/connected/);
  const { subscribers } = await app.bus.publish({ stream: 'a', data: 'hello' });
  t.equal(subscribers, 1, 'only the first is a watcher');
  await client.until(/data: hello\n\n/);
  client.socket.destroy();
  await eventually(() => app.streams.size === 0);
  t.equal(app.streams.closed.client, 1);
});

t.test('as many requests as may wait are answered, each in its turn, and then as many again', async (t) => {
  const { port } = await serve(t);
  const client = await connect(t, port);
  for (const round of [1, 2]) {
    client.send(LIVE.repeat(1 + MAX_WAITING));
    await eventually(() => answersIn(client.text) === round * (1 + MAX_WAITING));
  }
  client.send(request('HEAD /livez') + PUBLISH + LIVE);
  await client.until(/201 Created[\s\S]*"live"/);
});

t.test('one more ends the connection, and no other; one line tells', async (t) => {
  const { app, port, log } = await serve(t);
  const other = await connect(t, port, request('GET /sse/a'));
  await other.until(/connected/);
  for (const more of [LIVE.repeat(5000), PUBLISH.repeat(1 + MAX_WAITING)]) {
    const client = await connect(t, port, request('GET /sse/a') + more);
    await client.ending;
  }
  await eventually(() => app.streams.size === 1);
  await app.bus.publish({ stream: 'a', data: 'hello' });
  await other.until(/data: hello\n\n/);
  const told = log.map((line) => JSON.parse(line)).filter(({ event }) => event === 'connection-cut');
  t.match(told, [{ level: 40, ip: '127.0.0.1', max: MAX_WAITING, since: 0 }]);
  t.equal(told.length, 1);
});

t.test('large headers count as many requests do', async (t) => {
  const { port, log } = await serve(t);
  const large = request('GET /livez', { 'x-large': 'a'.repeat(12_000) });
  const client = await connect(t, port, request('GET /sse/a') + large.repeat(6));
  await client.ending;
  t.ok(log.some((line) => line.includes('"event":"connection-cut"')));
});

t.test('of a request whose answer waits the body is not kept', async (t) => {
  const app = Fastify();
  const bodies: unknown[] = [];
  const requests: FastifyRequest[] = [];
  app.addHook('preHandler', async (request) => {
    bodies.push(request.body);
    requests.push(request);
  });
  app.register(sluice);
  t.teardown(() => app.close());
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const client = await connect(t, port, request('GET /sse/a') + PUBLISH);
  await client.until(/data: x\n\n/);
  t.same(bodies, [undefined, 'x']);
  await eventually(() => requests[1]?.body === undefined);
});

t.test('no file is open for an answer that waits, and none when the client has left', async (t) => {
  const { app, port } = await serve(t);
  const client = await connect(t, port);
  client.socket.pause();
  client.send(FILE.repeat(MAX_WAITING) + PUBLISH);
  await eventually(() => app.bus.log.head === 1 && openFiles(BUNDLE) > 0);
  t.equal(openFiles(BUNDLE), 1);
  client.socket.destroy();
  await eventually(() => openFiles(BUNDLE) === 0);
});

t.test('requests that Node would answer by itself count as well', async (t) => {
  const { port } = await startServer(t, { LOG: 'memory' });
  const bare = 'GET /livez HTTP/1.1\r\n\r\n';
  const expecting = request('GET /livez', { expect: 'nothing' });
  for (const more of [bare, expecting]) {
    const client = await connect(t, port, request('GET /sse/a') + more.repeat(1 + MAX_WAITING));
    await client.ending;
  }
  const refused = await connect(t, port, bare);
  t.match(await refused.until(/names no host/), /^HTTP\/1\.1 400 [\s\S]*SLUICE_MALFORMED_REQUEST/);
  const served = await connect(t, port, expecting);
  t.match(await served.until(/"live"/), /^HTTP\/1\.1 200 /);
});
