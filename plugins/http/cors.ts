import cors from '@fastify/cors';
import fp from 'fastify-plugin';
import { parseOrigins } from '../../src/access/origins.js';
import type { HubContext } from '../../src/context.js';

const MAX_AGE_SECONDS = 7200;

/** Which pages of other origins may read and publish. A host that has its own rules for that applies them here too. */
export default fp<HubContext>(
  async (app, { config }) => {
    if (app.hasPlugin('@fastify/cors')) {
      return;
    }
    const { all, allows } = parseOrigins(config.corsOrigin);
    await app.register(cors, {
      origin: all ? '*' : (origin, done) => done(null, origin !== undefined && allows(origin)),
      credentials: config.corsCredentials,
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
