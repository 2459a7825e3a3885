/** What is known of an answer that was no success. */
export interface Answer {
  readonly status?: number;
  readonly serverCode?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

interface Failure {
  readonly message: string;
  readonly cause?: { readonly message: string; readonly code?: string };
}

/** `fetch` hides the reason behind its own words, where the platform tells it at all; of several addresses it is a code. */
export function detailOf(error: unknown): string {
  const { message = String(error), cause } = (error ?? {}) as Partial<Failure>;
  return cause ? `${message}: ${cause.message || cause.code}` : message;
}

abstract class ClientError<Code extends string> extends Error {
  readonly code: Code;
  /** HTTP status of the answer, if there was one. */
  readonly status: number | undefined;
  /** The server's own code, such as `SLUICE_INVALID_SELECTION`. */
  readonly serverCode: string | undefined;
  /** How long the server asks to wait, in ms. */
  readonly retryAfterMs: number | undefined;

  constructor(code: Code, message: string, { status, serverCode, retryAfterMs }: Answer = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.serverCode = serverCode;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * `no-content`: the server answered 204, which asks to stop (WHATWG HTML §9.2.3). `status`: an answer that waiting cannot
 * heal, such as 400, 401, 403 or 404. `content-type`: what answers is no event stream.
 */
export type StreamErrorCode = 'no-content' | 'status' | 'content-type';

/** A connection has stopped for good. */
export class StreamError extends ClientError<StreamErrorCode> {
  override readonly name = 'StreamError';
}

/**
 * `rejected`: the server will not have this event as it is. `unavailable`: 408, 425, 429 or 5xx, try later; after a 5xx
 * the event may have been accepted. `network`: no answer came, and the event may have been accepted. `reply`: what
 * answered is no Sluice server.
 */
export type PublishErrorCode = 'rejected' | 'unavailable' | 'network' | 'reply';

/** An event is not known to be published; with an idempotency key it is safe to publish it again. */
export class PublishError extends ClientError<PublishErrorCode> {
  override readonly name = 'PublishError';
}
