import fp from 'fastify-plugin';
import { EventBus } from '../../src/bus/event-bus.js';
import type { HubContext } from '../../src/context.js';
import { MemoryLog } from '../../src/log/memory-log.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Publishes events, and holds the log they go to. */
    bus: EventBus;
  }
}

export default fp<HubContext>(
  async (app, { config, clock }) => {
    const retention = {
      events: config.historyEvents,
      // In memory there is nothing behind the window, so its bound holds for all.
      bytes: Math.min(config.historyBytes, config.windowBytes),
      ageMs: config.historyAgeMs,
      eventsPerStream: config.historyEventsPerStream,
      streams: config.maxStreams,
    };
    const log = new MemoryLog(retention, clock);
    app.decorate('bus', new EventBus(log, config));
    app.addHook('onClose', () => log.close());
  },
  { name: 'sluice-bus' },
);
