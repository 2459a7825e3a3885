import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply } from 'fastify';
import fp from 'fastify-plugin';
import { SluiceError } from '../../src/errors.js';

const BODY_TYPES = 'send application/json (curl: -H "content-type: application/json")';

/** Errors under the prefix: Fastify's own shape, a stable code, and nothing of what went wrong inside. */
export default fp(
  async (app) => {
    app.setErrorHandler<FastifyError>((error, request, reply) => {
      const { statusCode = 500 } = error;
      if (statusCode >= 500) {
        request.log.error({
          event: 'request-failed',
          err: error,
          method: request.method,
          path: request.routeOptions.url,
        });
      }
      return sendError(reply, statusCode, error.code, messageOf(error, statusCode));
    });
    app.setNotFoundHandler((request, reply) => {
      const path = request.url.split('?', 1)[0];
      const message = `nothing at ${request.method} ${path}; see /docs for what there is`;
      return sendError(reply, 404, 'SLUICE_NOT_FOUND', message);
    });
  },
  { name: 'sluice-errors' },
);

function messageOf(error: FastifyError, statusCode: number): string {
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return `${error.message}: ${BODY_TYPES}`;
  }
  const isOurs = statusCode < 500 || error instanceof SluiceError;
  return isOurs ? error.message : 'something went wrong inside the server';
}

/** As a body, because an error that is sent goes on to the host's error handler. */
function sendError(reply: FastifyReply, statusCode: number, code: string, message: string): FastifyReply {
  return reply.code(statusCode).send({ statusCode, code, error: STATUS_CODES[statusCode], message });
}
