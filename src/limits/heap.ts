import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';

const MiB = 1024 * 1024;
const DEFAULT_SEMI_SPACE = 16;
const SEMI_SPACE = /--max[-_]semi[-_]space[-_]size[= ](\d+)/g;

/** V8 counts the young generation, of three semi-spaces, into its limit, but what lives long cannot use that part. */
function youngBytes(): number {
  // The command line overrides NODE_OPTIONS.
  const flags = [process.env.NODE_OPTIONS ?? '', ...process.execArgv].join(' ');
  const [, semiSpace = DEFAULT_SEMI_SPACE] = [...flags.matchAll(SEMI_SPACE)].at(-1) ?? [];
  return 3 * Number(semiSpace) * MiB;
}

/** Most bytes that can live long in the heap of JavaScript (`--max-old-space-size`). */
export const heapBytes = getHeapStatistics().heap_size_limit - youngBytes();

/** How much of that is in use; what is young, and so most likely garbage soon, does not count. */
export function heapInUse(): number {
  const old = getHeapSpaceStatistics().filter(({ space_name: name }) => !name.startsWith('new_'));
  return old.reduce((sum, { space_used_size: used }) => sum + used, 0) / heapBytes;
}
