import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { HubContext } from '../src/context.js';
import { unreadiness } from '../src/limits/readiness.js';
import { readErrors } from '../src/schemas/common.js';
import { HealthReply } from '../src/schemas/info.js';

const schema = {
  tags: ['operate'],
  summary: 'Whether it should be sent requests',
  response: { 200: HealthReply, ...readErrors, 503: HealthReply },
};

const readyz: FastifyPluginAsyncTypebox<HubContext> = async (app, { load }) => {
  app.get('/readyz', { schema, config: { access: 'public' } }, async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    const problem = unreadiness(app.streams, app.bus.log, load);
    return problem === undefined ? { status: 'ready' } : reply.code(503).send({ status: problem });
  });
};

export default readyz;
