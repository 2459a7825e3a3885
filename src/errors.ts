/** Stable machine-readable codes; each is part of the API and never changes its meaning. */
export type ErrorCode =
  | 'SLUICE_INVALID_STREAM'
  | 'SLUICE_INVALID_SELECTION'
  | 'SLUICE_INVALID_TYPE'
  | 'SLUICE_RESERVED_TYPE'
  | 'SLUICE_INVALID_DATA'
  | 'SLUICE_INVALID_JSON'
  | 'SLUICE_INVALID_TEXT'
  | 'SLUICE_INVALID_TASK'
  | 'SLUICE_EMPTY_BODY'
  | 'SLUICE_EMPTY_BATCH'
  | 'SLUICE_EVENT_TOO_LARGE'
  | 'SLUICE_BATCH_TOO_LARGE'
  | 'SLUICE_TOO_MANY_STREAMS'
  | 'SLUICE_METHOD_NOT_ALLOWED'
  | 'SLUICE_NOT_FOUND'
  | 'SLUICE_SHUTTING_DOWN'
  | 'SLUICE_INVALID_IDEMPOTENCY_KEY'
  | 'SLUICE_IDEMPOTENCY_MISMATCH'
  | 'SLUICE_DISK_FULL'
  | 'SLUICE_LOG_BUSY'
  | 'SLUICE_LOG_READ_ONLY';

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
  ) {
    super(message);
  }

  /** The same error with the place it was found in front of its message. */
  at(place: string): SluiceError {
    return new SluiceError(this.code, this.statusCode, `${place}: ${this.message}`);
  }
}
