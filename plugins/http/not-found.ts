import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { HubContext } from '../../src/context.js';
import { SluiceError } from '../../src/errors.js';

type Refuse = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** Paths that nothing is at are answered before a body is read: nobody's right to send one has been looked at. */
export default fp<HubContext>(
  async (app, { ownsUnknownPaths }) => {
    const refuse: Refuse = async (request, reply) => {
      // For a path of the host's, which may have other methods, it is not the hub's to say yes.
      if (ownsUnknownPaths && isPreflight(request)) {
        return reply.code(204).send();
      }
      throw notFound(request, app.prefix);
    };
    handleUnknownPaths(app, refuse);
    app.addHook('preParsing', async (request, reply) => {
      if (request.is404) {
        await refuse(request, reply);
      }
    });
  },
  { name: 'sluice-not-found', dependencies: ['sluice-errors'] },
);

function handleUnknownPaths(app: FastifyInstance, refuse: Refuse): void {
  try {
    app.setNotFoundHandler(refuse);
  } catch (error) {
    // A host that has set one for this prefix before goes on answering them: each prefix has one handler.
    if (!(error as Error).message.startsWith('Not found handler already set')) {
      throw error;
    }
  }
}

/** Refused, it would hide from a page of another origin that there is nothing (Fetch standard, CORS-preflight fetch). */
function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

function notFound({ method, url }: FastifyRequest, prefix: string): SluiceError {
  const message = `nothing at ${method} ${url.split('?', 1)[0]}; see ${prefix}/docs for what there is`;
  return new SluiceError('SLUICE_NOT_FOUND', 404, message);
}
