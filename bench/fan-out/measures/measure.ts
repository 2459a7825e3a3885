import type { LoadResult } from '../../client/protocol.js';
import type { Contender } from '../contenders.js';
import type { Figures } from '../figures.js';
import type { Sizes } from '../sizes.js';

/** One part of the benchmark. A round runs each of its steps once, so that the servers take turns. */
export interface Measure {
  readonly name: string;
  readonly contenders: readonly Contender[];
  run(contender: Contender, sizes: Sizes, figures: Figures): Promise<void>;
}

/** Publishes that may wait for their answers while deliveries set the pace. */
export const IN_FLIGHT = 64;
/** A server that is this far behind does not sustain the load. */
export const OVERLOAD_MS = 1000;

export function microsecondsEach(result: LoadResult, count: number): number {
  return (result.cpuSeconds * 1e6) / count;
}

/** Everything came once and in order, and in time. */
export function isSustained(result: LoadResult, limitMs = OVERLOAD_MS): boolean {
  const { delivered, expected, faults, closed, refused, p99Ms } = result;
  return delivered === expected && faults + closed + refused === 0 && p99Ms <= limitMs;
}

/**
 * Measures at each place of a curve, also after it has failed at one.
 * @throws Error when it failed at any
 */
export async function atEach<T extends { readonly x: number }>(
  places: readonly T[],
  measure: (place: T) => Promise<void>,
): Promise<void> {
  const failures: string[] = [];
  for (const place of places) {
    await measure(place).catch((error: Error) => failures.push(`at ${place.x}, ${error.message}`));
  }
  if (failures.length > 0) {
    throw new Error(failures.join('; '));
  }
}

/** @throws Error when something was lost where nothing may be */
export function complete(result: LoadResult): LoadResult {
  if (!isSustained(result, Number.POSITIVE_INFINITY)) {
    throw new Error(`not everything was delivered: ${JSON.stringify(result)}`);
  }
  return result;
}
