import { encodeControl, type Format } from '../events/frame.js';
import type { Selection } from '../events/selection.js';
import type { CloseReason } from './connection.js';
import type { Refusal } from './refusal.js';
import type { Verdict } from './resume/resume.js';

interface Greeting {
  readonly selection: Selection;
  readonly format: Format;
  readonly verdict: Verdict;
  /** The cursor that replay starts from. */
  readonly cursor: string;
  readonly timestamp: number;
  /** Time between two heartbeats: more than twice as long without one, and the connection is dead. */
  readonly heartbeatMs: number;
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
