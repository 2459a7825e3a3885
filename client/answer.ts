import { retryAfterMs } from './backoff.js';

/** What a server said instead of doing what it was asked. */
export interface Complaint {
  readonly status: number;
  /** In words: the server's own, else the status. */
  readonly message: string;
  /** The server's own code, such as `SLUICE_INVALID_SELECTION`. */
  readonly serverCode: string | undefined;
  readonly retryAfterMs: number | undefined;
}

/** Waiting heals too many requests, timeouts and everything the server blames itself for. */
export function isTemporary(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/** Reads Fastify's error shape, or whatever a proxy puts in its place. */
export async function readComplaint(response: Response): Promise<Complaint> {
  const { status, statusText, headers } = response;
  const body = (await response.json().catch(() => undefined)) as
    | { message?: unknown; code?: unknown }
    | undefined
    | null;
  return {
    status,
    message: text(body?.message) ?? `${status} ${statusText}`.trim(),
    serverCode: text(body?.code),
    retryAfterMs: retryAfterMs(headers.get('retry-after')),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
