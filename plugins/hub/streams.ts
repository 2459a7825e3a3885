import fp from 'fastify-plugin';
import type { HubContext } from '../../src/context.js';
import { LogThrottle } from '../../src/limits/log-throttle.js';
import { StreamRegistry } from '../../src/streams/registry.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** The watchers of this hub. */
    streams: StreamRegistry;
  }
}

export default fp<HubContext>(
  async (app, { config, clock, load }) => {
    const streams = new StreamRegistry(app.bus.log, config, clock, () => load.isOverloaded);
    const failures = new LogThrottle(app.log, clock);
    streams.on('failed', (err) =>
      failures.error(String(err), { event: 'stream-failed', err }, 'serving a stream failed'),
    );
    app.decorate('streams', streams);
  },
  { name: 'sluice-streams', dependencies: ['sluice-bus'] },
);
