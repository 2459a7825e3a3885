import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { readErrors } from '../src/schemas/common.js';
import { HealthReply } from '../src/schemas/info.js';

const schema = {
  tags: ['operate'],
  summary: 'Whether it should be sent requests',
  response: { 200: HealthReply, 503: HealthReply, ...readErrors },
};

const readyz: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/readyz', { schema }, async (_request, reply) => {
    const problem = app.streams.isClosing ? 'shutting down' : app.bus.log.problem();
    return problem === undefined ? { status: 'ready' } : reply.code(503).send({ status: problem });
  });
};

export default readyz;
