import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { HubContext } from '../src/context.js';
import { publicDir } from '../src/public-dir.js';
import { errorReplies } from '../src/schemas/common.js';
import { InfoReply } from '../src/schemas/info.js';

const ENDPOINTS = {
  health: '/',
  events: '/events',
  stream: '/stream',
  sse: '/sse/:id',
  publish: 'POST /sse/:id',
  publishMany: 'POST /events',
  notify: 'POST /notify',
  tasks: 'PUT /tasks/:id',
  streams: '/streams',
  metrics: '/metrics',
  live: '/livez',
  ready: '/readyz',
  docs: '/docs',
};

const schema = {
  tags: ['operate'],
  summary: 'What runs here; a browser gets the dashboard',
  response: {
    200: {
      description: 'What runs here',
      content: { 'application/json': { schema: InfoReply }, 'text/html': { schema: Type.String() } },
    },
    ...errorReplies,
  },
};

const root: FastifyPluginAsyncTypebox<HubContext> = async (app, { config, clock, since, version }) => {
  const page = await readFile(join(publicDir, 'index.html'), 'utf8');
  const endpoints = Object.fromEntries(
    Object.entries(ENDPOINTS).map(([name, path]) => [name, under(app.prefix, path)]),
  );

  app.get('/', { schema }, async (request, reply) => {
    reply.header('vary', [reply.getHeader('vary'), 'Accept'].filter(Boolean).join(', '));
    if (prefersHtml(request.headers.accept)) {
      return reply.type('text/html; charset=utf-8').send(page);
    }
    return {
      status: 'running' as const,
      message: 'SSE Server is running',
      version,
      uptime: (clock.now() - since) / 1000,
      clients: app.streams.size,
      streams: config.defaultStreams.split(','),
      endpoints,
    };
  });
};

/** Browsers name text/html first; everything else gets JSON. */
function prefersHtml(accept = ''): boolean {
  return /^\s*text\/html\b/i.test(accept);
}

function under(prefix: string, path: string): string {
  const [method, ...rest] = path.split(' ');
  return rest.length === 0 ? `${prefix}${path}` : `${method} ${prefix}${rest.join('')}`;
}

export default root;
