import { randomBytes } from 'node:crypto';

/** A place in the log: everything up to `pos` has been seen. Valid only inside its own epoch's range. */
export interface Cursor {
  readonly epoch: string;
  readonly pos: number;
  /** The current state up to there was still to come. */
  readonly isStateDue?: true;
}

const CURSOR = /^([A-Za-z0-9_-]{11})\.(0|[1-9][0-9]{0,15})(~?)$/;

/** A fresh epoch name: 64 random bits, so that no two runs of any log share one. */
export function createEpoch(): string {
  return randomBytes(8).toString('base64url');
}

/** The cursor as it travels in `id:`: ASCII, at most 29 bytes with the mark of `withStateDue`. Opaque to clients. */
export function formatCursor(epoch: string, pos: number): string {
  return `${epoch}.${pos}`;
}

/** Marks the cursor of a watcher that is yet to get the current state: whoever comes back with it gets that again. */
export function withStateDue(cursor: string): string {
  return `${cursor}~`;
}

/** Reads a cursor that came back from a client; undefined when it is none of ours. */
export function parseCursor(text: string): Cursor | undefined {
  const [, epoch, digits, mark] = CURSOR.exec(text) ?? [];
  if (epoch === undefined || digits === undefined) {
    return undefined;
  }
  const pos = Number(digits);
  return Number.isSafeInteger(pos) ? { epoch, pos, ...(mark && { isStateDue: true }) } : undefined;
}
