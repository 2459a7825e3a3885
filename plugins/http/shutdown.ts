import type { ServerResponse } from 'node:http';
import fp from 'fastify-plugin';
import type { Clock } from '../../src/clock.js';
import type { HubContext } from '../../src/context.js';
import { SluiceError } from '../../src/errors.js';
import { SAFE_METHODS } from '../../src/methods.js';

/**
 * What is being published when the server stops is finished and delivered, then the streams are ended properly.
 * Half of the grace time is for the first, a quarter for the second, the rest for the server and the log.
 */
export default fp<HubContext>(
  async (app, { config, clock }) => {
    const publishing = new InFlight();
    app.addHook('onRequest', async (request, reply) => {
      // If the client left while an earlier hook ran, no `close` will follow.
      if (SAFE_METHODS.has(request.method) || request.raw.aborted) {
        return;
      }
      if (app.streams.isClosing) {
        throw new SluiceError('SLUICE_SHUTTING_DOWN', 503, 'the server is shutting down; publish again later');
      }
      publishing.enter(reply.raw);
      reply.raw.once('close', () => publishing.leave(reply.raw));
    });
    app.addHook('onSend', async (_request, { raw }) => {
      // Queued behind a stream, the answer may never go out, and Node does not tell when its client has left.
      if (raw.socket === null) {
        publishing.leave(raw);
      }
    });
    app.addHook('preClose', async () => {
      app.streams.stopAccepting();
      await publishing.finished(clock, config.shutdownGraceMs / 2);
      await app.streams.close(config.shutdownGraceMs / 4);
    });
  },
  { name: 'sluice-shutdown', dependencies: ['sluice-streams'] },
);

/** What is under way. */
class InFlight {
  readonly #answers = new Set<ServerResponse>();
  #whenNone: (() => void) | undefined;

  enter(answer: ServerResponse): void {
    this.#answers.add(answer);
  }

  leave(answer: ServerResponse): void {
    this.#answers.delete(answer);
    if (this.#answers.size === 0) {
      this.#whenNone?.();
    }
  }

  /** Resolves when nothing is under way any more, at the latest after `ms`. */
  async finished(clock: Clock, ms: number): Promise<void> {
    if (this.#answers.size === 0) {
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, ms);
      this.#whenNone = () => {
        clock.clearTimeout(timer);
        resolve();
      };
    });
  }
}
