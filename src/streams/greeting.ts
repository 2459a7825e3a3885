import { SluiceError } from '../errors.js';
import { encodeControl, type Format } from '../events/frame.js';
import type { Selection } from '../events/selection.js';
import type { CloseReason } from './connection.js';
import type { Verdict } from './resume/resume.js';

export interface Greeting {
  readonly selection: Selection;
  readonly format: Format;
  readonly verdict: Verdict;
  /** The cursor that replay starts from. */
  readonly cursor: string;
  readonly timestamp: number;
  /** Time between two heartbeats: more than twice as long without one, and the connection is dead. */
  readonly heartbeatMs: number;
}

/** Counts of refused streams, by why; waiting heals each of these. */
export function countRefusals() {
  return {
    SLUICE_TOO_MANY_CONNECTIONS: 0,
    SLUICE_TOO_MANY_PER_IP: 0,
    SLUICE_TOO_MANY_PER_PRINCIPAL: 0,
    SLUICE_OPENED_TOO_FAST: 0,
    SLUICE_SHUTTING_DOWN: 0,
    SLUICE_RATE_LIMITED: 0,
    SLUICE_KEYS_UNAVAILABLE: 0,
    SLUICE_LOG_DAMAGED: 0,
  };
}

type RefusalCode = keyof ReturnType<typeof countRefusals>;

/** Why a stream is refused for now. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

const CODES: ReadonlySet<string> = new Set(Object.keys(countRefusals()));

/** The refusal that an error is to a stream; undefined for one that waiting does not heal. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof SluiceError && CODES.has(error.code)) {
    const { code, message } = error;
    return { code: code as RefusalCode, message };
  }
  return undefined;
}

/** The first frame of every connection. */
export function encodeConnected(greeting: Greeting, retryMs: number): Buffer {
  const { format, verdict, selection, cursor, timestamp, heartbeatMs } = greeting;
  const data = {
    message: 'Connected to SSE stream',
    timestamp,
    ...verdict,
    streams: selection.items,
    cursor,
    heartbeatMs,
  };
  return encodeControl(format, 'connected', data, { id: cursor, retry: jitter(retryMs) });
}

/** The last frame of a refused stream. EventSource gives up for good on any status but 200, so the refusal travels inside one. */
export function encodeRefused(format: Format, refusal: Refusal, retryMs: number): Buffer {
  return encodeControl(format, 'refused', refusal, { retry: longJitter(retryMs) });
}

/** The last bytes of a stream that the server ends: when to come back, later than usual if all must come back at once. */
export function encodeFarewell(retryMs: number, reason: CloseReason): Buffer {
  return Buffer.from(`retry: ${reason === 'shutdown' ? longJitter(retryMs) : jitter(retryMs)}\n\n`);
}

/** 0.5 to 1.5 times the value, so that watchers that were cut off together do not come back together. */
function jitter(ms: number): number {
  return Math.round(ms * (0.5 + Math.random()));
}

/** 1 to 4 times the value. */
function longJitter(ms: number): number {
  return Math.round(ms * (1 + 3 * Math.random()));
}
