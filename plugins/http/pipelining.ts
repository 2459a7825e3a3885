import { AsyncResource } from 'node:async_hooks';
import type { Socket } from 'node:net';
import fp from 'fastify-plugin';
import type { HubContext } from '../../src/context.js';
import { LogThrottle } from '../../src/limits/log-throttle.js';
import { SAFE_METHODS } from '../../src/methods.js';

/** Requests of one connection that may wait for the answers to those before them. */
const MAX_WAITING = 16;

/**
 * Bounds what requests of HTTP/1 hold that are sent ahead of the answers to those before them (RFC 9112 §9.3.2). Node goes
 * by the bytes of answers that wait, not by requests, and does not tell an answer that waits that its client has left. So
 * a request that only reads begins when it is its turn: no file is opened for it before.
 */
export default fp<HubContext>(
  async (app, { clock }) => {
    const lines = new LogThrottle(app.log, clock);
    const waiting = new Counts();
    app.addHook('onRequest', (request, { raw }, done) => {
      if (raw.socket !== null) {
        done();
        return;
      }
      const { method, socket } = request;
      if (waiting.change(socket, 1) > MAX_WAITING) {
        const line = { event: 'connection-cut', ip: request.ip, max: MAX_WAITING };
        lines.warn('', line, 'a client sends too many requests ahead of the answers');
        socket.destroy();
        return;
      }
      raw.once('socket', () => waiting.change(socket, -1));
      if (!SAFE_METHODS.has(method)) {
        done();
        return;
      }
      // Bound to this request's async context: the event comes in that of the answer before it, maybe another user's.
      const begin = AsyncResource.bind(() => process.nextTick(done));
      raw.once('socket', begin);
    });
  },
  { name: 'sluice-pipelining' },
);

/** A number for each connection, from 0. */
class Counts {
  readonly #counts = new WeakMap<Socket, number>();

  /** @returns the number as it is then */
  change(socket: Socket, by: number): number {
    const count = (this.#counts.get(socket) ?? 0) + by;
    this.#counts.set(socket, count);
    return count;
  }
}
