import sse, { type SSEReplyInterface } from '@fastify/sse';
import Fastify from 'fastify';

/** Each connection is kept alive, and sent to while it is connected, as its README shows. */
const app = Fastify();
const watchers = new Set<SSEReplyInterface>();
let id = 0;

await app.register(sse.default);

app.get('/sse/:id', { sse: 'only' }, async (_request, reply) => {
  const watcher = reply.sse;
  watcher.keepAlive();
  await watcher.send({ data: 'Connected to live stream' });
  watchers.add(watcher);
  watcher.onClose(() => watchers.delete(watcher));
});

app.post('/sse/:id', async (request, reply) => {
  id++;
  for (const watcher of watchers) {
    if (watcher.isConnected) {
      watcher.send({ id: String(id), data: request.body }).catch(() => watchers.delete(watcher));
    }
  }
  return reply.code(201).send({ id: String(id) });
});

console.log(await app.listen({ port: 0, host: '127.0.0.1' }));
process.once('SIGTERM', () => process.exit());
