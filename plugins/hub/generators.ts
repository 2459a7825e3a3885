import fp from 'fastify-plugin';
import type { HubContext } from '../../src/context.js';
import { SluiceError } from '../../src/errors.js';
import { createGenerators } from '../../src/generators/built-in.js';
import { GeneratorSet } from '../../src/generators/generator-set.js';
import { LogThrottle } from '../../src/limits/log-throttle.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** The built-in sources of events, running while they are watched. */
    generators: GeneratorSet;
  }
}

export default fp<HubContext>(
  async (app, { config, clock, figures }) => {
    const { bus, streams } = app;
    const server = { requests: () => figures.requests, clients: () => streams.size };
    const options = {
      generators: createGenerators(config.demo, config, server),
      numbersIntervalMs: config.demo ? config.numbersIntervalMs : undefined,
    };
    const failures = new LogThrottle(app.log, clock);
    const onError = (err: unknown) =>
      failures.warn(causeOf(err), { event: 'generator-failed', err }, 'a generated event was not accepted');
    const generators = new GeneratorSet(bus, streams, clock, options, onError);
    app.decorate('generators', generators);
    app.addHook('preClose', async () => generators.close());
  },
  { name: 'sluice-generators', dependencies: ['sluice-bus', 'sluice-streams'] },
);

function causeOf(error: unknown): string {
  return error instanceof SluiceError ? error.code : String(error);
}
