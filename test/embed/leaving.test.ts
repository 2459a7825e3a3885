import { constants, connect as openSession } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import t from 'tap';
import sluice from '../../src/app.js';
import { createTestClock } from '../support/clock.js';
import { request } from '../support/raw-client.js';
import { watchOver } from '../support/serve-tls.js';
import { eventually } from '../wire/serve.js';

// Fastify itself looks whether the client is still there after every hook but the last.
t.test('a client that leaves while a hook of the host decides is no watcher', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  let decided = false;
  app.addHook('preHandler', async (incoming) => {
    await eventually(() => incoming.socket.destroyed);
    decided = true;
  });
  await app.register(sluice);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1' });
  socket.write(request('GET /sse/a'), () => setImmediate(() => socket.destroy()));
  await eventually(() => decided);
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(app.streams.size, 0);
});

t.test('nor is one that resets its stream meanwhile, over HTTP/2', async (t) => {
  const app = Fastify({ http2: true });
  t.teardown(() => app.close());
  let progress: 'none' | 'begun' | 'decided' = 'none';
  app.addHook('preHandler', async ({ raw }) => {
    progress = 'begun';
    await eventually(() => raw.stream.destroyed);
    progress = 'decided';
  });
  await app.register(sluice);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const session = openSession(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`);
  t.teardown(() => session.destroy());
  const watcher = watchOver(session, '/sse/a');
  await eventually(() => progress === 'begun');
  watcher.request.close(constants.NGHTTP2_CANCEL);
  await eventually(() => progress === 'decided');
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(app.streams.size, 0);
});

for (const [protocol, leave] of [
  ['HTTP/1.1', leaveHttp1],
  ['HTTP/2', leaveHttp2],
] as const) {
  t.test(
    `a publisher that leaves while a hook of the host decides does not hold up the stop, over ${protocol}`,
    async (t) => {
      const http2 = protocol === 'HTTP/2';
      const app = (http2 ? Fastify({ http2 }) : Fastify()) as FastifyInstance;
      t.teardown(() => app.close());
      let progress: 'none' | 'begun' | 'decided' = 'none';
      app.addHook('onRequest', async ({ raw }) => {
        progress = 'begun';
        await eventually(() => raw.aborted);
        progress = 'decided';
      });
      await app.register(sluice, { clock: createTestClock() });
      await app.listen({ port: 0, host: '127.0.0.1' });
      await leave((app.server.address() as AddressInfo).port, () => eventually(() => progress === 'begun'));
      await eventually(() => progress === 'decided');
      await app.close();
      t.pass('time stands still here, so it has not waited for the end of its grace');
    },
  );
}

async function leaveHttp1(port: number, begun: () => Promise<void>): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.write(request('POST /sse/a', { 'content-length': '7' }));
  await begun();
  socket.destroy();
}

async function leaveHttp2(port: number, begun: () => Promise<void>): Promise<void> {
  const session = openSession(`http://127.0.0.1:${port}`);
  const publisher = session.request({ ':method': 'POST', ':path': '/sse/a' }).on('error', () => {});
  await begun();
  publisher.close(constants.NGHTTP2_CANCEL);
  session.destroy();
}

t.test('hooks of the host are told when a watcher has left, and when the server has ended its stream', async (t) => {
  const app = Fastify();
  const told: string[] = [];
  app.addHook('onRequestAbort', async ({ url }) => void told.push(`${url} left`));
  app.addHook('onResponse', async ({ url }) => void told.push(`${url} ended`));
  await app.register(sluice);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const sockets = ['/sse/a', '/sse/b'].map((url) => {
    const socket = connect({ port, host: '127.0.0.1' }).resume();
    socket.write(request(`GET ${url}`));
    return socket;
  });
  await eventually(() => app.streams.size === 2);
  sockets[0]?.destroy();
  await eventually(() => told.length === 1);
  await app.close();
  t.strictSame(told, ['/sse/a left', '/sse/b ended']);
});

t.test('replies that are released are so for Fastify alone: what a host listens for, it is told', async (t) => {
  const app = Fastify();
  const told: string[] = [];
  app.addHook('onRequest', async (_request, { raw }) => {
    raw.once('finish', () => told.push('finish'));
    raw.on('finish', () => told.push('finish again'));
    raw.on('error', () => told.push('error'));
  });
  app.addHook('onResponse', async () => void told.push('response'));
  await app.register(sluice, { releaseReplies: true });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  connect({ port, host: '127.0.0.1' }).resume().write(request('GET /sse/a'));
  await eventually(() => app.streams.size === 1);
  await app.close();
  t.strictSame(told, ['finish', 'finish again']);
});
