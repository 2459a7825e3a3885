import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { select } from '../src/events/selection.js';
import { readErrors } from '../src/schemas/common.js';
import { EventStreamReply, WatchHeaders, WatchQuery } from '../src/schemas/watch.js';

const selection = select(['time', 'user-action']);

const schema = {
  tags: ['watch'],
  summary: 'Watch the streams time and user-action',
  querystring: WatchQuery,
  headers: WatchHeaders,
  response: { 200: EventStreamReply, ...readErrors },
};

const stream: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/stream',
    schema,
    config: { access: 'subscribe', eventStream: 'plain' },
    handler: (_request, reply) => {
      reply.hubStream(selection);
    },
  });
};

export default stream;
