import type { Selection } from '../events/selection.js';
import type { StreamSummary } from '../log/known-streams.js';
import { covers } from './rights.js';

/** Streams by name that begin with `prefix`, after `after`: the first `limit` of them, and maybe more. */
export type Find = (prefix: string, after: string, limit: number) => StreamSummary[];

/**
 * The first `limit` streams that somebody may see. They are found by allowed name or pattern, not one stream after the other:
 * of 100,000 streams a key may have the right to a few.
 */
export function listAllowed(
  find: Find,
  allowed: Selection,
  prefix: string,
  after: string,
  limit: number,
): StreamSummary[] {
  if (covers(allowed, prefix)) {
    return find(prefix, after, limit).slice(0, limit);
  }
  const found: StreamSummary[] = [];
  // What one takes in lies all before or all behind what another does, so their order is that of the streams.
  for (const text of [...allowed.names, ...allowed.prefixes].filter((text) => text.startsWith(prefix)).sort()) {
    if (found.length >= limit) {
      break;
    }
    found.push(...(allowed.nameSet.has(text) ? find(text, after, 1).filter(is(text)) : find(text, after, limit)));
  }
  return found.slice(0, limit);
}

/** Beside the streams with a history those that are only watched, in the order of their names. */
export function withWatched(known: StreamSummary[], watched: string[]): StreamSummary[] {
  const names = new Set(known.map(({ stream }) => stream));
  const empty = { last: 0, events: 0, bytes: 0 };
  const others = watched.filter((name) => !names.has(name)).map((stream) => ({ stream, ...empty }));
  return [...known, ...others].sort(byName);
}

/** The first stream that begins with a name may be a longer one. */
function is(name: string): (summary: StreamSummary) => boolean {
  return ({ stream }) => stream === name;
}

function byName(a: StreamSummary, b: StreamSummary): number {
  return a.stream < b.stream ? -1 : 1;
}
