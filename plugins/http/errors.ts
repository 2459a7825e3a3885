import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { HubContext } from '../../src/context.js';
import { type ErrorCode, SluiceError } from '../../src/errors.js';
import { LogThrottle } from '../../src/limits/log-throttle.js';

const JSON_TYPE = 'application/json';

/** Errors under the prefix: Fastify's own shape, a stable code, and nothing of what went wrong inside. */
export default fp<HubContext>(
  async (app, { clock, figures }) => {
    const lines = new LogThrottle(app.log, clock);
    const count = (code: string) => {
      figures.rejected[code] = (figures.rejected[code] ?? 0) + 1;
    };
    app.setErrorHandler<FastifyError>((error, request, reply) => {
      const { statusCode = 500 } = error;
      const code = codeOf(error, statusCode);
      count(labelOf(code));
      if (error instanceof SluiceError) {
        reply.headers(error.headers);
      }
      if (statusCode >= 500) {
        tell(lines, error, code, request);
      }
      return sendError(reply, statusCode, code, messageOf(error, request));
    });
    answerUnknownPaths(app, (request, reply) => {
      const path = request.url.split('?', 1)[0];
      const message = `nothing at ${request.method} ${path}; see ${app.prefix}/docs for what there is`;
      count('SLUICE_NOT_FOUND');
      return sendError(reply, 404, 'SLUICE_NOT_FOUND', message);
    });
  },
  { name: 'sluice-errors' },
);

type Answer = (request: FastifyRequest, reply: FastifyReply) => FastifyReply;

function answerUnknownPaths(app: FastifyInstance, answer: Answer): void {
  try {
    app.setNotFoundHandler(answer);
  } catch (error) {
    // Without a prefix of the hub's own, a host that has done so before goes on answering them: each prefix has one handler.
    if (app.prefix !== '') {
      throw error;
    }
  }
}

/** What is refused because of the server's own state concerns every request alike; what nobody foresaw, one path. */
function tell(lines: LogThrottle, err: FastifyError, code: string, { method, routeOptions }: FastifyRequest): void {
  const path = routeOptions.url;
  isMeant(err)
    ? lines.warn(code, { event: 'refusing', code, reason: err.message }, 'requests are refused')
    : lines.error(`${method} ${path} ${err.message}`, { event: 'request-failed', err, method, path }, 'request failed');
}

/** Libraries throw errors without a code, or with one that tells of the inside. */
function codeOf({ code = '' }: FastifyError, statusCode: number): string {
  if (statusCode >= 500 && !isKnown(code)) {
    return 'SLUICE_INTERNAL' satisfies ErrorCode;
  }
  return code === '' ? ('SLUICE_BAD_REQUEST' satisfies ErrorCode) : code;
}

/** Only Sluice's and Fastify's own codes, as a host's hooks may throw anything. */
function labelOf(code: string): string {
  return isKnown(code) ? code : 'other';
}

function isKnown(code: string): boolean {
  return /^(?:SLUICE|FST)_/.test(code);
}

function messageOf(error: FastifyError, { routeOptions }: FastifyRequest): string {
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    const types = routeOptions.schema?.consumes ?? [JSON_TYPE];
    const inCurl = types.map((type) => `-H "content-type: ${type}"`);
    return `${error.message}: send ${types.join(' or ')} (curl: ${inCurl.join(' or ')})`;
  }
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return `the body must have at most ${routeOptions.bodyLimit} bytes`;
  }
  return isMeant(error) ? error.message : 'something went wrong inside the server';
}

/** Every other status than 500 is chosen by somebody, such as the 503 of a host that is under pressure. */
function isMeant(error: FastifyError): boolean {
  return (error.statusCode ?? 500) !== 500 || error instanceof SluiceError;
}

/** As a body, because an error that is sent goes on to the host's error handler. */
function sendError(reply: FastifyReply, statusCode: number, code: string, message: string): FastifyReply {
  return reply.code(statusCode).send({ statusCode, code, error: STATUS_CODES[statusCode], message });
}
