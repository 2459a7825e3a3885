import { retryAfterMs } from './backoff.js';
import type { Answer } from './errors.js';
import { textField } from './json.js';

/** What a server said instead of doing what it was asked; in its own words, else the status. */
interface Complaint extends Answer {
  readonly status: number;
  readonly message: string;
}

/** Waiting heals too many requests, timeouts and everything the server blames itself for. */
export function isTemporary(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

export function isStream({ headers }: Response): boolean {
  return /^\s*text\/event-stream\s*(;|$)/i.test(headers.get('content-type') ?? '');
}

/** Reads Fastify's error shape, or whatever a proxy puts in its place. */
export async function readComplaint(response: Response): Promise<Complaint> {
  const { status, statusText, headers } = response;
  const body: unknown = await response.json().catch(() => undefined);
  return {
    status,
    message: textField(body, 'message') ?? `${status} ${statusText}`.trim(),
    serverCode: textField(body, 'code'),
    retryAfterMs: retryAfterMs(headers.get('retry-after')),
  };
}
