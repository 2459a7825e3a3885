import fp from 'fastify-plugin';
import type { Clock } from '../../src/clock.js';
import type { HubContext } from '../../src/context.js';
import { SluiceError } from '../../src/errors.js';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * What is being published when the server stops is finished and delivered, then the streams are ended properly.
 * Half of the grace time is for the first, a quarter for the second, the rest for the server and the log.
 */
export default fp<HubContext>(
  async (app, { config, clock }) => {
    const publishing = new InFlight();
    app.addHook('onRequest', async (request, reply) => {
      if (READING.has(request.method)) {
        return;
      }
      if (app.streams.isClosing) {
        throw new SluiceError('SLUICE_SHUTTING_DOWN', 503, 'the server is shutting down; publish again later');
      }
      publishing.enter();
      reply.raw.once('close', () => publishing.leave());
    });
    app.addHook('preClose', async () => {
      app.streams.stopAccepting();
      await publishing.finished(clock, config.shutdownGraceMs / 2);
      await app.streams.close(config.shutdownGraceMs / 4);
    });
  },
  { name: 'sluice-shutdown', dependencies: ['sluice-streams'] },
);

/** Counts what is under way. */
class InFlight {
  #count = 0;
  #whenNone: (() => void) | undefined;

  enter(): void {
    this.#count++;
  }

  leave(): void {
    this.#count--;
    if (this.#count === 0) {
      this.#whenNone?.();
    }
  }

  /** Resolves when nothing is under way any more, at the latest after `ms`. */
  async finished(clock: Clock, ms: number): Promise<void> {
    if (this.#count === 0) {
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
