import type { FastifyError } from 'fastify';
import fp from 'fastify-plugin';
import { SluiceError } from '../../src/errors.js';

const BODY_TYPES = 'send application/json (curl: -H "content-type: application/json")';

/** Errors under the prefix: Fastify's own shape, a stable code, and nothing of what went wrong inside. */
export default fp(
  async (app) => {
    app.setErrorHandler<FastifyError>((error, request, reply) => {
      const statusCode = error.statusCode ?? 500;
      if (statusCode >= 500) {
        request.log.error({
          event: 'request-failed',
          err: error,
          method: request.method,
          path: request.routeOptions.url,
        });
      }
      if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
        return reply.code(415).send(withMessage(error, `${error.message}: ${BODY_TYPES}`));
      }
      const isOurs = statusCode < 500 || error instanceof SluiceError;
      return reply.code(statusCode).send(isOurs ? error : withMessage(error, 'something went wrong inside the server'));
    });
    app.setNotFoundHandler((request, reply) => {
      const path = request.url.split('?', 1)[0];
      reply.send(
        new SluiceError('SLUICE_NOT_FOUND', 404, `nothing at ${request.method} ${path}; see /docs for what there is`),
      );
    });
  },
  { name: 'sluice-errors' },
);

function withMessage({ statusCode = 500, code }: FastifyError, message: string): Error {
  return Object.assign(new Error(message), { statusCode, code });
}
