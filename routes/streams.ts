import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { formatCursor } from '../src/events/cursor.js';
import type { StreamSummary } from '../src/log/event-log.js';
import { readErrors } from '../src/schemas/common.js';
import { MAX_STREAM_PAGE, StreamsQuery, StreamsReply } from '../src/schemas/info.js';

const schema = {
  tags: ['operate'],
  summary: 'Streams by name: watchers and what is retained',
  querystring: StreamsQuery,
  response: { 200: StreamsReply, ...readErrors },
};

const streams: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/streams', { schema, config: { access: 'subscribe' } }, async (request) => {
    const { prefix = '', after = '', limit = MAX_STREAM_PAGE } = request.query;
    const known = app.bus.log.list(prefix, after, limit + 1);
    const watched = [...app.streams.watchedNames()].filter((name) => name.startsWith(prefix) && name > after);
    const merged = merge(known, watched);
    const page = merged.slice(0, limit).map((summary) => describe(summary, app.streams.watchers(summary.stream)));
    const next = merged.length > limit ? page.at(-1)?.stream : undefined;
    return { streams: page, ...(next !== undefined && { next }) };
  });
};

/** Streams that are only watched have no history yet, but an operator wants to see them. */
function merge(known: StreamSummary[], watched: string[]): StreamSummary[] {
  const names = new Set(known.map(({ stream }) => stream));
  const empty = { last: 0, epoch: '', events: 0, bytes: 0, oldest: undefined };
  const others = watched.filter((name) => !names.has(name)).map((stream) => ({ stream, ...empty }));
  return [...known, ...others].sort((a, b) => (a.stream < b.stream ? -1 : 1));
}

function describe({ stream, last, epoch, events, bytes, oldest }: StreamSummary, watchers: number) {
  return {
    stream,
    watchers,
    cursor: last === 0 ? null : formatCursor(epoch, last),
    events,
    bytes,
    oldest: oldest === undefined ? null : new Date(oldest).toISOString(),
  };
}

export default streams;
