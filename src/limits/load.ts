import { performance } from 'node:perf_hooks';
import { HeapShortage } from './heap-shortage.js';

const SAMPLE_MS = 250;
/** Samples without a problem until it counts as over, so that the state does not flicker. */
const CALM_SAMPLES = 4;
const HEAP_FULL = 'the heap is almost full';

/**
 * Whether this process keeps up. Four times a second it looks at the lag of the event loop and at the heap, and at that
 * also after each major collection of garbage. It is over after a second without a problem.
 */
export class Load {
  readonly #maxLagMs: number;
  readonly #onChange: (problem: string | undefined) => void;
  readonly #onFreed: (answers: number) => void;
  readonly #whenFull: ((isLook: boolean) => number)[] = [];
  readonly #shortage: HeapShortage;
  #timer: NodeJS.Timeout | undefined;
  #sampledAt = 0;
  #problem: string | undefined;
  #calm = 0;

  /**
   * @param maxLagMs how late a timer may run, ms; 0: however late
   * @param held bytes of history
   * @param onChange told of a problem when it begins, and of none when it is over
   * @param onFreed told how many answers were given up for want of memory, if any were
   */
  constructor(
    maxLagMs: number,
    held: () => number,
    onChange: (problem: string | undefined) => void,
    onFreed: (answers: number) => void,
  ) {
    this.#maxLagMs = maxLagMs;
    this.#onChange = onChange;
    this.#onFreed = onFreed;
    // The next sample may be too late when clients are fast.
    this.#shortage = new HeapShortage(held, () => {
      this.#free(false);
      this.#found(HEAP_FULL);
    });
  }

  /** Why the process does not keep up; undefined while it does. */
  get problem(): string | undefined {
    return this.#problem;
  }

  get isOverloaded(): boolean {
    return this.#problem !== undefined;
  }

  /**
   * Has `free` called while the heap is almost full, which gives up answers and returns how many: four times a second with
   * true, and with false in between, when it is only for what needs no second look.
   */
  onFull(free: (isLook: boolean) => number): void {
    this.#whenFull.push(free);
  }

  /** In the machine's own time, which neither a test nor a correction of the date moves. */
  start(): void {
    this.#sampledAt = performance.now();
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS).unref();
    this.#shortage.start();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#shortage.stop();
  }

  #sample(): void {
    const now = performance.now();
    const lagMs = now - this.#sampledAt - SAMPLE_MS;
    this.#sampledAt = now;
    const isFull = this.#shortage.isPresent;
    if (isFull) {
      this.#free(true);
    }
    this.#found(this.#lag(lagMs) ?? (isFull ? HEAP_FULL : undefined));
  }

  #free(isLook: boolean): void {
    const answers = this.#whenFull.reduce((sum, free) => sum + free(isLook), 0);
    if (answers > 0) {
      this.#onFreed(answers);
    }
  }

  #lag(ms: number): string | undefined {
    const isLate = this.#maxLagMs > 0 && ms > this.#maxLagMs;
    return isLate ? `the event loop was blocked for ${Math.round(ms)} ms` : undefined;
  }

  #found(problem: string | undefined): void {
    this.#calm = problem === undefined ? this.#calm + 1 : 0;
    if (problem !== undefined || this.#calm >= CALM_SAMPLES) {
      this.#set(problem);
    }
  }

  #set(problem: string | undefined): void {
    const isChange = (problem === undefined) !== (this.#problem === undefined);
    this.#problem = problem;
    if (isChange) {
      this.#onChange(problem);
    }
  }
}
