import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { HubContext } from '../src/context.js';
import { version } from '../src/package.js';
import { readErrors } from '../src/schemas/common.js';
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
  session: '/session',
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
    302: Type.Null({ description: 'Under a prefix, a browser that leaves out the slash at its end is sent to it' }),
    ...readErrors,
  },
};

const root: FastifyPluginAsyncTypebox<HubContext> = async (app, { config, clock, since }) => {
  const endpoints = Object.fromEntries(
    Object.entries(ENDPOINTS).map(([name, path]) => [name, under(app.prefix, path)]),
  );

  app.get('/', { schema, config: { access: 'public' } }, async (request, reply) => {
    reply.header('vary', [reply.getHeader('vary'), 'Accept'].filter(Boolean).join(', '));
    if (prefersHtml(request.headers.accept)) {
      const { page, headers } = app.dashboard;
      const directory = toDirectory(request.originalUrl);
      return directory === undefined
        ? reply.headers(headers).type('text/html; charset=utf-8').send(page)
        : reply.redirect(directory);
    }
    reply.header('cache-control', 'no-store');
    return {
      status: 'running' as const,
      message: 'SSE Server is running',
      version,
      uptime: Math.round(clock.elapsed() - since) / 1000,
      clients: app.streams.size,
      streams: config.defaultStreams.split(','),
      endpoints,
    };
  });
};

/** The page's links are relative: asked for without a slash at its end, it sends the browser to the address with one. */
function toDirectory(url: string): string | undefined {
  const [path = ''] = url.split('?');
  return path.endsWith('/') ? undefined : `${path.slice(path.lastIndexOf('/') + 1)}/`;
}

/** Browsers name text/html first; everything else gets JSON. */
function prefersHtml(accept = ''): boolean {
  return /^\s*text\/html\s*(?:[,;]|$)/i.test(accept);
}

function under(prefix: string, path: string): string {
  const [method, ...rest] = path.split(' ');
  return rest.length === 0 ? `${prefix}${path}` : `${method} ${prefix}${rest.join('')}`;
}

export default root;
