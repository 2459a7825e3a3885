import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { createChannel, createSession } from 'better-sse';

/** A channel that all sessions are registered with, as its guide to channels shows. */
const channel = createChannel();
let id = 0;

const server = createServer(async (request, response) => {
  if (request.method === 'POST') {
    channel.broadcast(JSON.parse(await text(request)), 'message', { eventId: `${++id}` });
    response.writeHead(201, { 'content-type': 'application/json' }).end(`{"id":"${id}"}`);
    return;
  }
  channel.register(await createSession(request, response));
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`);
});
process.once('SIGTERM', () => process.exit());
