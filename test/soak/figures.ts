import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';

/** What a server holds while nobody uses it. */
export interface Figures {
  /** Bytes, as the kernel counts them. */
  readonly rss: number;
  /** Bytes of live objects, after a collection. */
  readonly heap: number;
  /** Bytes of buffers and what else stands outside the heap. */
  readonly external: number;
  readonly descriptors: number;
  readonly timers: number;
  /** What keeps the event loop busy beside timers. */
  readonly handles: number;
  /** Listeners of the process, its output and the HTTP server. */
  readonly listeners: number;
  /** Live event emitters: sockets, requests, streams. */
  readonly emitters: number;
  /** Live functions; a listener that is left behind anywhere is one. */
  readonly closures: number;
}

const MiB = 1024 * 1024;

/** Growth that is no leak, absolute and in parts of the start: pools, caches of the engine, pages of the data file. */
const TOLERANCE: Record<keyof Figures, { readonly more: number; readonly part: number }> = {
  rss: { more: 48 * MiB, part: 0.25 },
  heap: { more: 2 * MiB, part: 0.05 },
  external: { more: 4 * MiB, part: 0.1 },
  descriptors: { more: 0, part: 0 },
  timers: { more: 1, part: 0 },
  handles: { more: 0, part: 0 },
  listeners: { more: 0, part: 0 },
  emitters: { more: 10, part: 0 },
  closures: { more: 200, part: 0.01 },
};

/** Asks the probe in a server, which collects its garbage first. */
export async function measure(server: ChildProcess): Promise<Figures> {
  const answer = once(server, 'message');
  server.send('measure');
  const [figures] = await answer;
  return { ...figures, descriptors: (await readdir(`/proc/${server.pid}/fd`)).length };
}

export interface Growth {
  readonly start: number;
  readonly end: number;
  readonly allowed: number;
  readonly isLeak: boolean;
}

/** Compares the end with the start. */
export function compare(start: Figures, end: Figures): Record<keyof Figures, Growth> {
  const keys = Object.keys(TOLERANCE) as (keyof Figures)[];
  const entries = keys.map((key): [string, Growth] => {
    const { more, part } = TOLERANCE[key];
    const allowed = Math.round(Math.max(more, start[key] * part));
    return [key, { start: start[key], end: end[key], allowed, isLeak: end[key] - start[key] > allowed }];
  });
  return Object.fromEntries(entries) as Record<keyof Figures, Growth>;
}
