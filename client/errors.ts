/**
 * `no-content`: the server answered 204, which asks to stop (WHATWG HTML §9.2.3). `status`: an answer that waiting cannot
 * heal, such as 400, 401, 403 or 404. `content-type`: what answers is no event stream.
 */
export type StreamErrorCode = 'no-content' | 'status' | 'content-type';

/** A connection has stopped for good. */
export class StreamError extends Error {
  override readonly name = 'StreamError';

  constructor(
    readonly code: StreamErrorCode,
    message: string,
    /** HTTP status of the answer. */
    readonly status?: number,
    /** The server's own code, such as `SLUICE_INVALID_SELECTION`. */
    readonly serverCode?: string,
  ) {
    super(message);
  }
}

/**
 * `rejected`: the server will not have this event as it is. `unavailable`: 408, 425, 429 or 5xx, try later; after a 5xx
 * the event may have been accepted. `network`: no answer came, and the event may have been accepted. `reply`: what
 * answered is no Sluice server.
 */
export type PublishErrorCode = 'rejected' | 'unavailable' | 'network' | 'reply';

/** An event is not known to be published; with an idempotency key it is safe to publish it again. */
export class PublishError extends Error {
  override readonly name = 'PublishError';

  constructor(
    readonly code: PublishErrorCode,
    message: string,
    readonly status?: number,
    readonly serverCode?: string,
    /** How long the server asks to wait, in ms. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}
