import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import Fastify from 'fastify';
import t from 'tap';
import sluice from '../../src/app.js';
import { request } from '../support/raw-client.js';
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
