import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import fp from 'fastify-plugin';
import { SluiceError } from '../../src/errors.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Answers every other method of the paths registered so far: OPTIONS with 204, the rest with 405. Called once, last. */
    guardMethods(): void;
  }
}

/**
 * Fastify answers a wrong method with 404. Here each path answers 405 with `Allow` (RFC 9110 §15.5.6), in `onRequest`,
 * before the body is looked at.
 */
export default fp(
  async (app) => {
    const urls = new Set<string>();
    app.addHook('onRoute', ({ url }) => {
      urls.add(url);
    });
    app.decorate('guardMethods', () => {
      // Fastify serves the prefix with and without a slash at its end, but may tell of only one of them.
      const directory = `${app.prefix}/`;
      if (app.hasRoute({ method: 'GET', url: directory })) {
        urls.add(directory);
      }
      for (const url of [...urls].filter((path) => !path.endsWith('*'))) {
        guard(app, url);
      }
    });
  },
  { name: 'sluice-methods' },
);

/** Answers each method that a path has no route for. */
function guard(app: FastifyInstance, url: string): void {
  const isKnown = (method: HTTPMethods) => app.hasRoute({ method, url });
  const [known, missing] = partition(app.supportedMethods as HTTPMethods[], isKnown);
  const allow = [...known, 'OPTIONS'].sort().join(', ');
  app.route({
    url: url.slice(app.prefix.length),
    method: missing,
    schema: { hide: true },
    config: { access: 'public' },
    exposeHeadRoute: false,
    prefixTrailingSlash: 'slash',
    onRequest: (request, reply) => answer(request, reply, allow),
    handler: unreachable,
  });
}

async function answer(request: FastifyRequest, reply: FastifyReply, allow: string): Promise<unknown> {
  reply.header('allow', allow);
  if (request.method === 'OPTIONS') {
    return reply.code(204).send();
  }
  throw new SluiceError('SLUICE_METHOD_NOT_ALLOWED', 405, `${request.method} is not allowed here; allowed: ${allow}`);
}

function unreachable(): never {
  throw new Error('onRequest has answered');
}

function partition<T>(items: T[], holds: (item: T) => boolean): [T[], T[]] {
  return [items.filter(holds), items.filter((item) => !holds(item))];
}
