import { getHeapStatistics } from 'node:v8';

/** V8 counts the young generation into its limit, but what lives long cannot use that part. */
const YOUNG_GENERATION_BYTES = 48 * 1024 * 1024;

/** Most bytes that can live long in the heap of JavaScript (`--max-old-space-size`). */
export const heapBytes = getHeapStatistics().heap_size_limit - YOUNG_GENERATION_BYTES;

/** How much of that is in use, garbage included. */
export function heapInUse(): number {
  return getHeapStatistics().used_heap_size / heapBytes;
}
