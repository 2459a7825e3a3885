import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

/** What one writes without a library: keep the responses of each path, write the event to each. */
const paths = new Map<string, Set<ServerResponse>>();
let id = 0;

function watchersOf(path = '/'): Set<ServerResponse> {
  const watchers = paths.get(path) ?? new Set();
  paths.set(path, watchers);
  return watchers;
}

const server = createServer(async (request, response) => {
  const watchers = watchersOf(request.url);
  if (request.method === 'POST') {
    const data = JSON.stringify(JSON.parse(await text(request)));
    const frame = `id: ${++id}\ndata: ${data}\n\n`;
    for (const watcher of watchers) {
      watcher.write(frame);
    }
    response.writeHead(201, { 'content-type': 'application/json' }).end(`{"id":"${id}"}`);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
  watchers.add(response);
  response.on('close', () => watchers.delete(response));
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`);
});
process.once('SIGTERM', () => process.exit());
