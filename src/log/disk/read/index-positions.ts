import type { DiskStream } from '../disk-stream.js';
import { positionsOf } from '../store/store.js';
import type { PageSource } from './event-pages.js';

/** Positions of events, in order. */
interface Positions {
  readonly positions: readonly number[];
  /** Everything of the streams up to here is among them. */
  readonly upTo: number;
}

/** The next positions of a stream. */
interface Stretch {
  readonly stream: DiskStream;
  readonly positions: readonly number[];
  /** There may be more of them. */
  readonly isCut: boolean;
}

/** What follows a position of the streams named, about `limit` in all; what the quiet ones leave goes to the busy ones. */
export function nextPositions(source: PageSource, names: readonly string[], pos: number, limit: number): Positions {
  const streams = names.flatMap((name) => source.streams.get(name) ?? []).filter(({ last }) => last > pos);
  const share = Math.ceil(limit / streams.length);
  const even = streams.map((stream) => stretchOf(source, stream, pos, share));
  const left = Math.max(0, limit - even.reduce((sum, { positions }) => sum + positions.length, 0));
  const more = share + Math.floor(left / even.filter(({ isCut }) => isCut).length);
  const stretches = even.map((one) => (one.isCut ? stretchOf(source, one.stream, pos, more) : one));
  const ends = stretches.flatMap(({ isCut, positions }) => (isCut ? positions.slice(-1) : []));
  const upTo = Math.min(source.head, ...ends);
  const found = stretches.flatMap(({ positions }) => positions).filter((at) => at <= upTo);
  return { positions: found.sort((a, b) => a - b), upTo };
}

function stretchOf({ store, head }: PageSource, stream: DiskStream, pos: number, limit: number): Stretch {
  const { id, purgedTo } = stream.row;
  const positions = positionsOf(store, id, Math.max(pos, purgedTo), head, limit);
  return { stream, positions, isCut: positions.length === limit };
}
