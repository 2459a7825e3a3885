import cors, { type FastifyCorsOptions } from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { parseOrigins } from '../../src/access/origins.js';
import type { HubContext } from '../../src/context.js';

const MAX_AGE_SECONDS = 7200;
/** What a page is to read of an answer: when to come back, whether it is an earlier one, and what is left of its limit. */
const EXPOSED = ['retry-after', 'idempotent-replayed', 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'];

/** Which pages of other origins may read and publish. A host that has its own rules for that applies them here too. */
export default fp<HubContext>(
  async (app, { config }) => {
    if (app.hasPlugin('@fastify/cors')) {
      return;
    }
    const { all, allows } = parseOrigins(config.corsOrigin);
    const options: FastifyCorsOptions = {
      origin: all ? '*' : (origin, done) => done(null, origin !== undefined && allows(origin)),
      credentials: config.corsCredentials,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
      allowedHeaders: ['content-type', 'last-event-id', 'authorization', 'idempotency-key', 'cache-control'],
      exposedHeaders: EXPOSED,
      maxAge: MAX_AGE_SECONDS,
      strictPreflight: false,
      // The path's own OPTIONS route answers, with its `Allow`.
      preflightContinue: true,
    };
    await new Promise<void>((resolve, reject) => {
      cors(withoutOptionsRoute(app), options, (error) => (error === undefined ? resolve() : reject(error)));
    });
  },
  { name: 'sluice-cors' },
);

/** The plugin's own route would stand at `<prefix>*`, where it takes in paths of the host: `/hubs` beside `/hub`. Each of ours has one. */
function withoutOptionsRoute(app: FastifyInstance): FastifyInstance {
  return Object.create(app, { options: { value: () => app } });
}
