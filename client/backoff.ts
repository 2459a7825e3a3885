/**
 * Full jitter: a time in ms from 0 to the base, doubled with each failure before this one, up to the longest. Clients
 * that were cut off together so come back spread out. A base above the longest, which a server asked for, holds.
 */
export function backoff(failures: number, baseMs: number, maxMs: number): number {
  const base = Math.max(1, baseMs);
  const ceiling = Math.min(base * 2 ** failures, Math.max(base, maxMs));
  return Math.round(Math.random() * ceiling);
}

/** `Retry-After` (RFC 9110 §10.2.3), seconds or a date, in ms from now. */
export function retryAfterMs(header: string | null): number | undefined {
  const text = header?.trim() ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
