import { hubUrl, ssePath } from './url.js';

/** The hub did not do what was asked; `status` is absent when it did not answer. */
export class RequestError extends Error {
  override readonly name = 'RequestError';

  constructor(
    message: string,
    readonly status?: number,
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

export interface StreamInfo {
  readonly stream: string;
  /** Live connections that get its events. */
  readonly watchers: number;
  /** Cursor of its newest event. */
  readonly cursor: string | null;
  /** Events retained. */
  readonly events: number;
  readonly bytes: number;
}

export interface StreamPage {
  readonly streams: readonly StreamInfo[];
  /** Present when there are more. */
  readonly next?: string;
}

export type Level = 'info' | 'success' | 'warning' | 'error';

interface NotificationInput {
  readonly message: string;
  readonly title?: string;
  readonly level: Level;
}

export function listStreams(prefix: string, signal?: AbortSignal): Promise<StreamPage> {
  return request(`streams?prefix=${encodeURIComponent(prefix)}`, { signal: signal ?? null });
}

/** Cursor of the newest retained event of a stream, undefined when there is none. */
export async function headOf(stream: string): Promise<string | undefined> {
  const { streams } = await request<StreamPage>(`streams?limit=1&prefix=${encodeURIComponent(stream)}`);
  const [first] = streams;
  return first?.stream === stream && first.events > 0 ? (first.cursor ?? undefined) : undefined;
}

/** Resolves to the number of live connections it was queued to. */
export function notify(input: NotificationInput): Promise<number> {
  return post('notify', 'application/json', JSON.stringify(input));
}

/**
 * Publishes what somebody wrote, character by character, so that the hub judges it and nothing gets lost on the way.
 * Resolves to the number of live connections it was queued to.
 */
export function publishAs(contentType: string, stream: string, type: string, body: string): Promise<number> {
  return post(ssePath(stream, type), contentType, body);
}

async function post(path: string, contentType: string, body: string): Promise<number> {
  const headers = { 'content-type': contentType };
  const { subscribers } = await request<{ subscribers: number }>(path, { method: 'POST', headers, body });
  return subscribers;
}

/** Removes the history of a stream; resolves to the number of events removed. */
export async function purge(stream: string): Promise<number> {
  const { purged } = await request<{ purged: number }>(`sse/${stream}`, { method: 'DELETE' });
  return purged;
}

/**
 * Resolves to the JSON of the answer, to undefined for a 204.
 * @throws RequestError, or the signal's reason once it is aborted
 */
export async function request<T = void>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(hubUrl(path), init).catch((error: Error) => {
    init.signal?.throwIfAborted();
    throw new RequestError(error.message);
  });
  const body = await response.json().catch(() => init.signal?.throwIfAborted());
  if (!response.ok || (body === undefined && response.status !== 204)) {
    const retryAfter = Number(response.headers.get('retry-after')) * 1000;
    throw new RequestError(body?.message ?? response.statusText, response.status, retryAfter || undefined);
  }
  return body;
}
