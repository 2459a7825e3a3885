import { AsyncResource } from 'node:async_hooks';
import fp from 'fastify-plugin';
import type { HubContext } from '../../src/context.js';
import { sizeOfHeaders } from '../../src/limits/header-size.js';
import { LogThrottle } from '../../src/limits/log-throttle.js';
import { WaitingRequests } from '../../src/limits/waiting-requests.js';
import { SAFE_METHODS } from '../../src/methods.js';

/** Requests of one connection that may wait for the answers to those before them. */
const MAX_WAITING = 16;
/** Bytes of their headers. */
const MAX_WAITING_BYTES = 65_536;

/**
 * Bounds what requests of HTTP/1 hold that are sent ahead of the answers to those before them (RFC 9112 §9.3.2). Node goes
 * by the bytes of answers that wait, not by requests, and does not tell an answer that waits that its client has left. So
 * a request that only reads begins when it is its turn: no file is opened for it before.
 */
export default fp<HubContext>(
  async (app, { clock, load }) => {
    const lines = new LogThrottle(app.log, clock);
    const waiting = new WaitingRequests();
    load.onFull((isLook) => (isLook ? waiting.giveUp() : 0));
    app.addHook('onRequest', (request, { raw }, done) => {
      if (raw.socket !== null) {
        done();
        return;
      }
      const { method, socket } = request;
      const isReading = SAFE_METHODS.has(method);
      if (socket.destroyed) {
        // Its client left while a hook of the host ran; no `close` will follow, nor ever its turn.
        if (!isReading) {
          done();
        }
        return;
      }
      const size = sizeOfHeaders(request.raw);
      const { count, bytes } = waiting.enter(socket, size);
      if (count > MAX_WAITING || bytes > MAX_WAITING_BYTES) {
        const line = { event: 'connection-cut', ip: request.ip, max: MAX_WAITING };
        lines.warn('', line, 'a client sends too many requests ahead of the answers');
        socket.destroy();
        return;
      }
      raw.once('socket', () => waiting.leave(socket, size));
      if (!isReading) {
        done();
        return;
      }
      // Bound to this request's async context: the event comes in that of the answer before it, maybe another user's.
      const begin = AsyncResource.bind(() => process.nextTick(done));
      raw.once('socket', begin);
    });
    app.addHook('onSend', (request, { raw }, _payload, done) => {
      if (raw.socket === null) {
        // The answer may wait for as long as the one before it, an event stream even, and keeps the request until then.
        request.body = undefined;
      }
      done();
    });
  },
  { name: 'sluice-pipelining' },
);
