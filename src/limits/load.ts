import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

const SAMPLE_MS = 250;
/** Samples without a problem until it counts as over, so that the state does not flicker. */
const CALM_SAMPLES = 4;
/** V8 counts the young generation into its limit, but what lives long cannot use that part. */
const YOUNG_GENERATION_BYTES = 48 * 1024 * 1024;
/** With less of the heap's limit left than this, collecting garbage takes most of the time. */
const HEAP_RESERVE = 0.1;

/**
 * Whether this process keeps up. Four times a second it looks at the lag of the event loop and at the room left in the
 * heap; buffers lie outside the heap, and the hub's own limits bound them. It is over after a second without a problem.
 */
export class Load {
  readonly #maxLagMs: number;
  readonly #onChange: (problem: string | undefined) => void;
  #timer: NodeJS.Timeout | undefined;
  #sampledAt = 0;
  #problem: string | undefined;
  #calm = 0;

  /**
   * @param maxLagMs how late a timer may run, ms; 0: however late
   * @param onChange told of a problem when it begins, and of none when it is over
   */
  constructor(maxLagMs: number, onChange: (problem: string | undefined) => void) {
    this.#maxLagMs = maxLagMs;
    this.#onChange = onChange;
  }

  /** Why the process does not keep up; undefined while it does. */
  get problem(): string | undefined {
    return this.#problem;
  }

  get isOverloaded(): boolean {
    return this.#problem !== undefined;
  }

  /** In the machine's own time, which neither a test nor a correction of the date moves. */
  start(): void {
    this.#sampledAt = performance.now();
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    const now = performance.now();
    const lagMs = now - this.#sampledAt - SAMPLE_MS;
    this.#sampledAt = now;
    const problem = this.#lag(lagMs) ?? shortage();
    this.#calm = problem === undefined ? this.#calm + 1 : 0;
    if (problem !== undefined || this.#calm >= CALM_SAMPLES) {
      this.#set(problem);
    }
  }

  #lag(ms: number): string | undefined {
    const isLate = this.#maxLagMs > 0 && ms > this.#maxLagMs;
    return isLate ? `the event loop was blocked for ${Math.round(ms)} ms` : undefined;
  }

  #set(problem: string | undefined): void {
    const isChange = (problem === undefined) !== (this.#problem === undefined);
    this.#problem = problem;
    if (isChange) {
      this.#onChange(problem);
    }
  }
}

function shortage(): string | undefined {
  const { heap_size_limit: limit, total_available_size: available } = getHeapStatistics();
  const isShort = available - YOUNG_GENERATION_BYTES < limit * HEAP_RESERVE;
  return isShort ? 'the heap is almost full' : undefined;
}
