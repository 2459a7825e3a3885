import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { readErrors } from '../src/schemas/common.js';
import { HealthReply } from '../src/schemas/info.js';

const schema = {
  tags: ['operate'],
  summary: 'Whether the process lives',
  response: { 200: HealthReply, ...readErrors },
};

const livez: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/livez', { schema, config: { access: 'public' } }, async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    return { status: 'live' };
  });
};

export default livez;
