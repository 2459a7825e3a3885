import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Find, listAllowed, withWatched } from '../src/access/visible-streams.js';
import type { StreamSummary } from '../src/log/known-streams.js';
import { readErrors } from '../src/schemas/common.js';
import { MAX_STREAM_PAGE, StreamsQuery, StreamsReply } from '../src/schemas/info.js';

const schema = {
  tags: ['operate'],
  summary: 'Streams by name: watchers and what is retained',
  querystring: StreamsQuery,
  response: { 200: StreamsReply, ...readErrors },
};

const streams: FastifyPluginAsyncTypebox = async (app) => {
  /** Streams that are only watched have no history yet, but an operator wants to see them. */
  const find: Find = (prefix, after, limit) =>
    withWatched(app.bus.log.streams.list(prefix, after, limit), app.streams.watchedNames(prefix, after, limit));

  const describe = ({ stream, last, events, bytes }: StreamSummary) => {
    const oldest = app.bus.log.oldestTime(stream);
    return {
      stream,
      watchers: app.streams.watchers(stream),
      cursor: last === 0 ? null : app.bus.log.cursorAt(last),
      events,
      bytes,
      oldest: oldest === undefined ? null : new Date(oldest).toISOString(),
    };
  };

  app.get('/streams', { schema, config: { access: 'subscribe', costly: true } }, async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const { prefix = '', after = '', limit = MAX_STREAM_PAGE } = request.query;
    const found = listAllowed(find, request.hubPrincipal.rights.subscribe, prefix, after, limit + 1);
    const page = found.slice(0, limit).map(describe);
    const next = found.length > limit ? page.at(-1)?.stream : undefined;
    return { streams: page, ...(next !== undefined && { next }) };
  });
};

export default streams;
