import { unlessAborted } from './abort.js';
import { isStream, isTemporary, readComplaint } from './answer.js';
import { detailOf, PublishError } from './errors.js';
import { joinHeaders, resolveHeaders } from './headers.js';
import { textField } from './json.js';
import { sleep } from './sleep.js';
import type { RequestOptions } from './types.js';

const MAX_TRIES = 4;
/** A longer `Retry-After` is left to the caller. */
const MAX_WAIT_MS = 30_000;

export interface PublishOptions extends RequestOptions {
  /** Default: `message`. */
  readonly type?: string | undefined;
  /**
   * Makes it safe to publish again when no answer came: the server accepts a key once. With it, a refusal that says when
   * to try again, by a `Retry-After` of at most 30 s, is followed, three times. Default: none.
   */
  readonly idempotencyKey?: string | undefined;
}

/** The server has accepted the event. */
export interface Published {
  /** Cursor of the event, the `id` that watchers see. */
  readonly id: string;
  readonly stream: string;
  readonly type: string;
  /** ISO 8601. */
  readonly time: string;
  /** Live connections it was queued to; absent in the reply to a repeated idempotency key. */
  readonly subscribers?: number;
}

/**
 * Publishes one event and resolves when the server has accepted it.
 * @param base where the server stands, such as `https://hub.example` or, in a page it served, `''`
 * @param stream name of the stream
 * @param data any JSON value but null; a string is a text
 * @throws PublishError when the event is not known to be published; the signal's reason when it aborts
 */
export async function publish(
  base: string | URL,
  stream: string,
  data: unknown,
  options: PublishOptions = {},
): Promise<Published> {
  for (let tries = 1; ; tries++) {
    try {
      return await unlessAborted(() => publishOnce(base, stream, data, options), options.signal);
    } catch (error) {
      const { retryAfterMs = Number.NaN } = error instanceof PublishError ? error : {};
      if (options.idempotencyKey === undefined || tries === MAX_TRIES || !(retryAfterMs <= MAX_WAIT_MS)) {
        throw error;
      }
      await sleep(retryAfterMs, options.signal);
    }
  }
}

async function publishOnce(
  base: string | URL,
  stream: string,
  data: unknown,
  options: PublishOptions,
): Promise<Published> {
  const { type, fetch: send = fetch } = options;
  const query = type === undefined ? '' : `?type=${encodeURIComponent(type)}`;
  const url = `${String(base).replace(/\/+$/, '')}/sse/${encodeURIComponent(stream)}${query}`;
  const request = await requestOf(data, options);
  try {
    const response = await send(url, request);
    return response.ok ? await readReply(response) : await reject(response);
  } catch (error) {
    throw error instanceof PublishError
      ? error
      : new PublishError('network', `no answer from ${url}: ${detailOf(error)}`);
  }
}

async function requestOf(
  data: unknown,
  { idempotencyKey, headers, credentials = 'same-origin', signal }: PublishOptions,
): Promise<RequestInit> {
  const own = {
    'content-type': 'application/json',
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
  };
  const given = await resolveHeaders(headers);
  const body = JSON.stringify(data);
  return { method: 'POST', headers: joinHeaders(own, given), body, credentials, signal: signal ?? null };
}

async function readReply(response: Response): Promise<Published> {
  // A redirect may have made a GET of it: then a stream begins, which would be read for ever.
  const reply: unknown = isStream(response)
    ? await response.body?.cancel()
    : await response.json().catch((error: unknown) => {
        if (!(error instanceof SyntaxError)) {
          throw error;
        }
      });
  if (textField(reply, 'id') === undefined) {
    const why = response.redirected
      ? 'takes no event: it was redirected there'
      : 'is no Sluice server: its reply has no id';
    throw new PublishError('reply', `${response.url} ${why}`, response);
  }
  return reply as Published;
}

async function reject(response: Response): Promise<never> {
  const complaint = await readComplaint(response);
  throw new PublishError(isTemporary(response.status) ? 'unavailable' : 'rejected', complaint.message, complaint);
}
