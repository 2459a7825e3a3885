import type { Figure } from './figures.js';
import type { Machine } from './machine.js';
import type { Sizes } from './sizes.js';

/** A run of the benchmark, as it is kept. */
export interface Results {
  readonly date: string;
  readonly command: string;
  readonly machine: Machine;
  readonly sizes: Sizes;
  readonly figures: readonly Figure[];
}
