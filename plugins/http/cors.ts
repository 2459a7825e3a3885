import cors from '@fastify/cors';
import fp from 'fastify-plugin';
import type { HubContext } from '../../src/context.js';

const LOOPBACK_ORIGIN = /^https?:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/;
const MAX_AGE_SECONDS = 7200;

/** Which pages of other origins may read and publish. A host that has its own rules for that applies them here too. */
export default fp<HubContext>(
  async (app, { config }) => {
    if (app.hasPlugin('@fastify/cors')) {
      return;
    }
    await app.register(cors, {
      origin: originsOf(config.corsOrigin),
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
      allowedHeaders: ['content-type', 'last-event-id', 'authorization', 'idempotency-key', 'cache-control'],
      exposedHeaders: ['retry-after', 'idempotent-replayed'],
      maxAge: MAX_AGE_SECONDS,
      strictPreflight: false,
      // The path's own OPTIONS route answers, with its `Allow`.
      preflightContinue: true,
    });
  },
  { name: 'sluice-cors' },
);

function originsOf(setting: string): (string | RegExp)[] | string {
  const items = setting.split(',').map((item) => item.trim());
  return items.includes('*') ? '*' : items.map((item) => (item === 'loopback' ? LOOPBACK_ORIGIN : item));
}
