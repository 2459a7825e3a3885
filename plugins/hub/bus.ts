import type { FastifyBaseLogger } from 'fastify';
import fp from 'fastify-plugin';
import { EventBus } from '../../src/bus/event-bus.js';
import type { HubConfig } from '../../src/config/settings.js';
import type { HubContext } from '../../src/context.js';
import { formatCursor } from '../../src/events/cursor.js';
import type { StoredEvent } from '../../src/events/event.js';
import { openDiskLog } from '../../src/log/disk/start/open.js';
import type { EventLog } from '../../src/log/event-log.js';
import { MemoryLog } from '../../src/log/memory/memory-log.js';
import type { Retention } from '../../src/log/retention.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Publishes events, and holds the log they go to. */
    bus: EventBus;
  }
}

export default fp<HubContext>(
  async (app, context) => {
    const log = await openLog(context, app.log);
    app.decorate('bus', new EventBus(log, context.config, (event) => logPublished(app.log, event)));
    app.addHook('onClose', () => log.close());
  },
  { name: 'sluice-bus' },
);

async function openLog({ config, clock }: HubContext, logger: FastifyBaseLogger): Promise<EventLog> {
  const retention = retentionOf(config);
  if (config.log === 'memory') {
    // In memory there is nothing behind the window, so its bound holds for all.
    return new MemoryLog({ ...retention, bytes: Math.min(retention.bytes, config.windowBytes) }, clock);
  }
  return openDiskLog({
    directory: config.dataDir,
    retention,
    clock,
    onDamage: config.damaged,
    onLarge: (directory, bytes) =>
      logger.info({ event: 'log-opening', directory, bytes }, 'verifying a large history before the start'),
    onDamageFound: (damage) => logger.error({ event: 'log-damaged', damage }, 'the history is damaged'),
    onProblem: (reason) =>
      reason === undefined
        ? logger.info({ event: 'log-healed' }, 'the log can be written again')
        : logger.error({ event: 'log-failed', reason }, 'the log cannot be written'),
  });
}

function retentionOf(config: HubConfig): Retention {
  return {
    events: config.historyEvents,
    bytes: config.historyBytes,
    ageMs: config.historyAgeMs,
    eventsPerStream: config.historyEventsPerStream,
    streams: config.maxStreams,
    receiptsMs: config.idempotencyWindowMs,
  };
}

/** Never the data. Worked out only where it is wanted, because this is done for every event. */
function logPublished(logger: FastifyBaseLogger, { epoch, pos, stream, type, json }: StoredEvent): void {
  if (logger.level === 'debug' || logger.level === 'trace') {
    const id = formatCursor(epoch, pos);
    logger.debug({ event: 'publish', id, stream, type, bytes: Buffer.byteLength(json) }, 'event published');
  }
}
