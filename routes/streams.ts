import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { covers } from '../src/access/rights.js';
import type { Selection } from '../src/events/selection.js';
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
  /** Streams that are only watched have no history yet, but an operator wants to see them. */
  const find: Find = (prefix, after, limit) =>
    merge(app.bus.log.list(prefix, after, limit), app.streams.watchedNames(prefix, after, limit));

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
    const found = list(find, request.hubPrincipal.rights.subscribe, prefix, after, limit + 1);
    const page = found.slice(0, limit).map(describe);
    const next = found.length > limit ? page.at(-1)?.stream : undefined;
    return { streams: page, ...(next !== undefined && { next }) };
  });
};

/** Streams by name that begin with `prefix`, after `after`: the first `limit` of them, and maybe more. */
type Find = (prefix: string, after: string, limit: number) => StreamSummary[];

/** By allowed name or pattern, not one stream after the other: of 100,000 streams a key may have the right to a few. */
function list(find: Find, allowed: Selection, prefix: string, after: string, limit: number): StreamSummary[] {
  if (covers(allowed, prefix)) {
    return find(prefix, after, limit).slice(0, limit);
  }
  const found: StreamSummary[] = [];
  // What one takes in lies all before or all behind what another does, so their order is that of the streams.
  for (const text of [...allowed.names, ...allowed.prefixes].filter((text) => text.startsWith(prefix)).sort()) {
    if (found.length >= limit) {
      break;
    }
    found.push(...(allowed.nameSet.has(text) ? find(text, after, 1).filter(is(text)) : find(text, after, limit)));
  }
  return found.slice(0, limit);
}

function merge(known: StreamSummary[], watched: string[]): StreamSummary[] {
  const names = new Set(known.map(({ stream }) => stream));
  const empty = { last: 0, events: 0, bytes: 0 };
  const others = watched.filter((name) => !names.has(name)).map((stream) => ({ stream, ...empty }));
  return [...known, ...others].sort(byName);
}

/** The first stream that begins with a name may be a longer one. */
function is(name: string): (summary: StreamSummary) => boolean {
  return ({ stream }) => stream === name;
}

function byName(a: StreamSummary, b: StreamSummary): number {
  return a.stream < b.stream ? -1 : 1;
}

export default streams;
