/** Stable machine-readable codes; each is part of the API and never changes its meaning. */
export const ERROR_CODES = [
  'SLUICE_INVALID_STREAM',
  'SLUICE_INVALID_SELECTION',
  'SLUICE_INVALID_TYPE',
  'SLUICE_RESERVED_TYPE',
  'SLUICE_INVALID_DATA',
  'SLUICE_INVALID_JSON',
  'SLUICE_INVALID_TEXT',
  'SLUICE_INVALID_TASK',
  'SLUICE_EMPTY_BODY',
  'SLUICE_EMPTY_BATCH',
  'SLUICE_EVENT_TOO_LARGE',
  'SLUICE_BATCH_TOO_LARGE',
  'SLUICE_TOO_MANY_STREAMS',
  'SLUICE_RATE_LIMITED',
  'SLUICE_OVERLOADED',
  'SLUICE_REQUEST_TIMEOUT',
  'SLUICE_HEADERS_TOO_LARGE',
  'SLUICE_MALFORMED_REQUEST',
  'SLUICE_BAD_REQUEST',
  'SLUICE_UNSUPPORTED_ENCODING',
  'SLUICE_INTERNAL',
  'SLUICE_METHOD_NOT_ALLOWED',
  'SLUICE_NOT_FOUND',
  'SLUICE_SHUTTING_DOWN',
  'SLUICE_INVALID_IDEMPOTENCY_KEY',
  'SLUICE_IDEMPOTENCY_MISMATCH',
  'SLUICE_DISK_FULL',
  'SLUICE_LOG_BUSY',
  'SLUICE_LOG_READ_ONLY',
  'SLUICE_LOG_DAMAGED',
  'SLUICE_LOCAL_ONLY',
  'SLUICE_UNAUTHORIZED',
  'SLUICE_FORBIDDEN',
  'SLUICE_CROSS_SITE',
  'SLUICE_SESSION_REFUSED',
  'SLUICE_KEYS_UNAVAILABLE',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** What waiting heals, and for how many seconds a client should wait (RFC 9110 §10.2.3). */
const RETRY_AFTER_S: Partial<Record<ErrorCode, number>> = {
  SLUICE_LOG_BUSY: 1,
  SLUICE_OVERLOADED: 2,
  SLUICE_SHUTTING_DOWN: 5,
  SLUICE_DISK_FULL: 10,
};

/**
 * An error that a caller can act on. Fastify's default error shape takes `statusCode` and `code` from it,
 * so the domain needs to know nothing of HTTP but the number.
 */
export class SluiceError extends Error {
  override readonly name = 'SluiceError';

  constructor(
    readonly code: ErrorCode,
    readonly statusCode: number,
    message: string,
    /** Sent with it, where HTTP says more than the code does (`retry-after`, `www-authenticate`). */
    readonly headers: Readonly<Record<string, string>> = waitingHeals(code),
  ) {
    super(message);
  }

  /** The same error with the place it was found in front of its message. */
  at(place: string): SluiceError {
    return new SluiceError(this.code, this.statusCode, `${place}: ${this.message}`, this.headers);
  }
}

/** A setting that cannot be used; the message names it and says what it may be. */
export class ConfigError extends Error {
  override readonly name: string = 'ConfigError';
}

/** What `work` returns. @throws whatever it throws, a SluiceError with the place in front of its message */
export function inPlace<T>(place: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof SluiceError ? error.at(place) : error;
  }
}

/** What was thrown, as an error: of anything else that an error handler throws on, Fastify makes an answer with 200. */
export function asError(thrown: unknown): Error {
  if (thrown instanceof Error) {
    return thrown;
  }
  const { message = typeof thrown === 'object' ? '' : thrown, code, statusCode, status, headers } = Object(thrown);
  return Object.assign(new Error(String(message), { cause: thrown }), { code, statusCode, status, headers });
}

function waitingHeals(code: ErrorCode): Record<string, string> {
  const seconds = RETRY_AFTER_S[code];
  return seconds === undefined ? {} : { 'retry-after': String(seconds) };
}
