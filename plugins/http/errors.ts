import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { finished } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { HubContext } from '../../src/context.js';
import { asError, type ErrorCode, SluiceError } from '../../src/errors.js';
import { MAX_NAME_LENGTH } from '../../src/events/names.js';
import { LogThrottle } from '../../src/limits/log-throttle.js';

const JSON_TYPE = 'application/json';
/** A client's own limits are its own affair; this one is often the server's. */
const TOO_MANY_STREAMS: ErrorCode = 'SLUICE_TOO_MANY_STREAMS';
/** Whatever code the error has that nobody foresaw: alerts go by this one. */
const INTERNAL: ErrorCode = 'SLUICE_INTERNAL';
const UNFORESEEN = 'something went wrong inside the server';

/** Errors under the prefix: Fastify's own shape, a stable code, and nothing of what went wrong inside. */
export default fp<HubContext>(
  async (app, { clock, figures }) => {
    const lines = new LogThrottle(app.log, clock);
    const count = (code: string) => {
      figures.rejected[code] = (figures.rejected[code] ?? 0) + 1;
    };
    app.setErrorHandler((thrown, request, reply) => {
      const error: Thrown = asError(thrown);
      const statusCode = statusOf(error, reply);
      const isMeant = statusCode !== 500 || error instanceof SluiceError;
      const code = isMeant ? codeOf(error, statusCode) : INTERNAL;
      if (!isBrokenOff(error, request.raw)) {
        count(labelOf(code));
      }
      if (isMeant) {
        reply.headers(headersOf(error));
      }
      closeLater(request.raw, reply);
      if (statusCode >= 500 || code === TOO_MANY_STREAMS) {
        tell(lines, error, code, request, isMeant);
      }
      return sendError(reply, statusCode, code, isMeant ? messageOf(error, request) : UNFORESEEN);
    });
  },
  { name: 'sluice-errors' },
);

/** What may be known of an error, whoever made it. */
type Thrown = Error & {
  readonly code?: unknown;
  readonly statusCode?: unknown;
  readonly status?: unknown;
  readonly headers?: unknown;
};

/** As Fastify itself has it: what the error says, else what was set before it was thrown. Any but 500 was set on purpose. */
function statusOf(error: Thrown, reply: FastifyReply): number {
  return [error.statusCode, error.status, reply.statusCode].map(Number).find(isErrorStatus) ?? 500;
}

function isErrorStatus(status: number): boolean {
  return status >= 400 && status <= 599;
}

/**
 * Closed at once, the connection could take the answer along while the client still sends (RFC 9112 §9.6). So Node reads the rest
 * and throws it away, for as long as the server lets a request take (`requestTimeout`), and then closes what was to be closed.
 */
function closeLater({ headers, complete, socket }: IncomingMessage, reply: FastifyReply): void {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  if (!hasBody || complete) {
    return;
  }
  const { raw } = reply.removeHeader('connection');
  if (raw.shouldKeepAlive === false) {
    raw.shouldKeepAlive = true;
    raw.once('finish', () => finished(raw.req, () => socket.end()));
  }
}

/** What is refused because of the server's own state concerns every request alike; what nobody foresaw, one path. */
function tell(
  lines: LogThrottle,
  err: Thrown,
  code: string,
  { method, routeOptions }: FastifyRequest,
  isMeant: boolean,
): void {
  const path = routeOptions.url;
  // The publisher's limit and the server's share this code; only their messages differ. Other messages vary without bound.
  const cause = code === TOO_MANY_STREAMS ? err.message : code;
  isMeant
    ? lines.warn(cause, { event: 'refusing', code, reason: err.message }, 'requests are refused')
    : lines.error(`${method} ${path} ${err.message}`, { event: 'request-failed', err, method, path }, 'request failed');
}

/**
 * Whether it is about a body that did not come whole: then its client has left, or Node's parser has given the connection its
 * last answer. Of HTTP/1.1 it is the error of the socket, of HTTP/2 that of the hub.
 */
function isBrokenOff({ code }: Thrown, { aborted }: IncomingMessage): boolean {
  return aborted && (code === 'ECONNRESET' || code === ('SLUICE_MALFORMED_REQUEST' satisfies ErrorCode));
}

/** As Fastify sends them, but for those of another body: the error of an upstream server brings all of its headers. */
function headersOf({ headers }: Thrown): Record<string, string> {
  const isObject = typeof headers === 'object' && headers !== null;
  return Object.fromEntries(
    Object.entries(isObject ? headers : {}).filter(([name]) => !/^(?:content-|transfer-encoding$)/i.test(name)),
  );
}

/** Libraries throw errors without a code, or with one that tells of the inside. */
function codeOf(error: Thrown, statusCode: number): string {
  const code = String(error.code ?? '');
  if (statusCode >= 500 && !isKnown(code)) {
    return INTERNAL;
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

function messageOf(error: Thrown, { routeOptions }: FastifyRequest): string {
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    const types = routeOptions.schema?.consumes ?? [JSON_TYPE];
    const inCurl = types.map((type) => `-H "content-type: ${type}"`);
    return `${error.message}: send ${types.join(' or ')} (curl: ${inCurl.join(' or ')})`;
  }
  if (error.code === 'FST_ERR_MAX_PARAM_LENGTH') {
    return `a part of the path is too long: a stream name has at most ${MAX_NAME_LENGTH} characters`;
  }
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return `the body must have at most ${routeOptions.bodyLimit} bytes`;
  }
  return error.message;
}

/** As a text, because an error that is sent goes on to the host's error handler, and an unknown path has no serializer. */
function sendError(reply: FastifyReply, statusCode: number, code: string, message: string): FastifyReply {
  const body = { statusCode, code, error: STATUS_CODES[statusCode], message };
  return reply
    .code(statusCode)
    .type(JSON_TYPE)
    .send(`${JSON.stringify(body)}\n`);
}
