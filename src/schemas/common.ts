import { type TProperties, Type } from '@sinclair/typebox';
import { ERROR_CODES } from '../errors.js';
import { LINE_PATTERN, MAX_NAME_LENGTH, STREAM_PATTERN } from '../events/names.js';

export const StreamName = Type.String({ pattern: STREAM_PATTERN, description: 'Stream name', examples: ['orders.eu'] });

export const TypeName = Type.String({
  minLength: 1,
  maxLength: MAX_NAME_LENGTH,
  pattern: LINE_PATTERN,
  description: 'Event type, one line without control or direction characters; left out: message',
});

export const StreamParams = Type.Object({ id: StreamName });

/** An object that takes no other properties, so that a typing error is an error. */
export const strict = <T extends TProperties>(title: string, properties: T) =>
  Type.Object(properties, { title, additionalProperties: false });

/** Those of Fastify's own that a client may meet. */
const FASTIFY_CODES = [
  'FST_ERR_BAD_URL',
  'FST_ERR_VALIDATION',
  'FST_ERR_CTP_BODY_TOO_LARGE',
  'FST_ERR_MAX_PARAM_LENGTH',
  'FST_ERR_CTP_INVALID_MEDIA_TYPE',
];

const Code = Type.String({
  description:
    'Never changes its meaning. The examples are all that the hub itself answers with; a host’s hooks may have others',
  examples: [...FASTIFY_CODES, ...ERROR_CODES],
});

/** Fastify's error shape; `code` is stable. A host's own hooks may answer without one, as Fastify does. */
export const ErrorReply = Type.Object(
  {
    statusCode: Type.Integer(),
    code: Type.Optional(Code),
    error: Type.String(),
    message: Type.String(),
  },
  { title: 'Error', description: 'What was wrong and what to do' },
);

const errorsOf = <Status extends number>(...statuses: Status[]) =>
  Object.fromEntries(statuses.map((status) => [status, ErrorReply])) as Record<Status, typeof ErrorReply>;

/** The errors any route may answer with: each status is named, so that the document says exactly what can come. */
export const readErrors = errorsOf(400, 401, 403, 414, 429, 431, 503);

/** The errors of a route that may be sent a body. */
export const bodyErrors = { ...readErrors, ...errorsOf(413, 415) };

/** The errors of a route that changes the log. */
export const writeErrors = { ...bodyErrors, ...errorsOf(422, 507) };
