import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { readErrors } from '../src/schemas/common.js';

const schema = {
  tags: ['operate'],
  summary: 'Figures for Prometheus',
  response: {
    200: { description: 'Prometheus text', content: { 'text/plain': { schema: { type: 'string' } } } },
    ...readErrors,
  },
};

const metrics: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/metrics', { schema, config: { access: 'subscribe-all', costly: true } }, async (_request, reply) =>
    reply
      .type(app.metrics.contentType)
      .header('cache-control', 'no-store')
      .send(await app.metrics.metrics()),
  );
};

export default metrics;
