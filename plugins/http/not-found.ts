import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { SluiceError } from '../../src/errors.js';

/** Paths that nothing is at are answered before a body is read: nobody's right to send one has been looked at. */
export default fp(
  async (app) => {
    const refuse = async (request: FastifyRequest) => {
      throw notFound(request, app.prefix);
    };
    handleUnknownPaths(app, refuse);
    app.addHook('preParsing', async (request) => (request.is404 ? refuse(request) : undefined));
  },
  { name: 'sluice-not-found', dependencies: ['sluice-errors'] },
);

function handleUnknownPaths(app: FastifyInstance, handler: (request: FastifyRequest) => Promise<never>): void {
  try {
    app.setNotFoundHandler(handler);
  } catch {
    // A host that has set one for this prefix before goes on answering them: each prefix has one handler.
  }
}

function notFound({ method, url }: FastifyRequest, prefix: string): SluiceError {
  const message = `nothing at ${method} ${url.split('?', 1)[0]}; see ${prefix}/docs for what there is`;
  return new SluiceError('SLUICE_NOT_FOUND', 404, message);
}
