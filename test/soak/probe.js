// Loaded into the server under soak before its own code; tells what it holds, on demand over the channel of its parent.
import diagnostics from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import { queryObjects } from 'node:v8';

/** The HTTP server, known from its first request on. */
let server = new EventEmitter();
const learn = (message) => {
  server = message.server;
  diagnostics.unsubscribe('http.server.request.start', learn);
};
diagnostics.subscribe('http.server.request.start', learn);

function listenersOf(emitter) {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
}

process.on('message', () => {
  // Twice: what finalizers let go of in the first is collected in the second.
  globalThis.gc();
  globalThis.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  process.send({
    rss,
    heap: heapUsed,
    external,
    timers: resources.filter((name) => name === 'Timeout').length,
    // A turn of the event loop that is due, which this answer may be, holds nothing.
    handles: resources.filter((name) => name !== 'Timeout' && name !== 'Immediate').length,
    listeners: [process, process.stdout, server].reduce((sum, emitter) => sum + listenersOf(emitter), 0),
    emitters: queryObjects(EventEmitter, { format: 'count' }),
    closures: queryObjects(Function, { format: 'count' }),
  });
});
process.channel.unref();
