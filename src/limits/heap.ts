import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';

/** V8 counts the young generation into its limit, but what lives long cannot use that part. */
const YOUNG_GENERATION_BYTES = 48 * 1024 * 1024;

/** Most bytes that can live long in the heap of JavaScript (`--max-old-space-size`). */
export const heapBytes = getHeapStatistics().heap_size_limit - YOUNG_GENERATION_BYTES;

/** How much of that is in use; what is young, and so most likely garbage soon, does not count. */
export function heapInUse(): number {
  const old = getHeapSpaceStatistics().filter(({ space_name: name }) => !name.startsWith('new_'));
  return old.reduce((sum, { space_used_size: used }) => sum + used, 0) / heapBytes;
}
