import {
  constants,
  type NodeGCPerformanceDetail,
  type PerformanceEntry,
  PerformanceObserver,
  type PerformanceObserverEntryList,
  performance,
} from 'node:perf_hooks';
import { heapInUse } from './heap.js';

const SAMPLE_MS = 250;
/** Samples without a problem until it counts as over, so that the state does not flicker. */
const CALM_SAMPLES = 4;
/** V8 ends the process when its collections keep leaving four fifths of the heap in use. */
const FULL = 0.7;
/** V8 may not collect for minutes while nothing comes in, so the heap counts as relieved once the history has shrunk by a tenth. */
const RELIEF = 0.9;

/**
 * Whether this process keeps up. Four times a second it looks at the lag of the event loop, and after each major
 * collection of garbage at what that has left in the heap; buffers lie outside the heap, and the hub's own limits bound
 * them. It is over after a second without a problem.
 */
export class Load {
  readonly #maxLagMs: number;
  readonly #held: () => number;
  readonly #onChange: (problem: string | undefined) => void;
  readonly #onFreed: (answers: number) => void;
  readonly #whenFull: ((isLook: boolean) => number)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sampledAt = 0;
  #problem: string | undefined;
  #calm = 0;
  readonly #collections = new PerformanceObserver((entries) => this.#collected(entries));
  /** Bytes held when the last collection ended. */
  #heldBefore = 0;
  /** Bytes held when a collection left the heap almost full; undefined when the last one did not. */
  #heldWhenFull: number | undefined;

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
    this.#held = held;
    this.#onChange = onChange;
    this.#onFreed = onFreed;
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
    this.#collections.observe({ entryTypes: ['gc'] });
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#collections.disconnect();
  }

  #sample(): void {
    const now = performance.now();
    const lagMs = now - this.#sampledAt - SAMPLE_MS;
    this.#sampledAt = now;
    const shortage = this.#shortage();
    if (shortage !== undefined) {
      this.#free(true);
    }
    this.#found(this.#lag(lagMs) ?? shortage);
  }

  #free(isLook: boolean): void {
    const answers = this.#whenFull.reduce((sum, free) => sum + free(isLook), 0);
    if (answers > 0) {
      this.#onFreed(answers);
    }
  }

  /** Between two collections nobody knows how much of what the heap holds is garbage. */
  #collected(entries: PerformanceObserverEntryList): void {
    if (!(entries.getEntries() as Collection[]).some(isMajor)) {
      return;
    }
    const held = this.#held();
    // What was freed while it was going on may still have been counted.
    this.#heldWhenFull = heapInUse() > FULL ? Math.max(held, this.#heldBefore) : undefined;
    this.#heldBefore = held;
    // The next sample may be too late when clients are fast.
    const shortage = this.#shortage();
    if (shortage !== undefined) {
      this.#free(false);
      this.#found(shortage);
    }
  }

  #found(problem: string | undefined): void {
    this.#calm = problem === undefined ? this.#calm + 1 : 0;
    if (problem !== undefined || this.#calm >= CALM_SAMPLES) {
      this.#set(problem);
    }
  }

  #lag(ms: number): string | undefined {
    const isLate = this.#maxLagMs > 0 && ms > this.#maxLagMs;
    return isLate ? `the event loop was blocked for ${Math.round(ms)} ms` : undefined;
  }

  #shortage(): string | undefined {
    if (this.#heldWhenFull === undefined || this.#held() < this.#heldWhenFull * RELIEF) {
      return undefined;
    }
    return 'the heap is almost full';
  }

  #set(problem: string | undefined): void {
    const isChange = (problem === undefined) !== (this.#problem === undefined);
    this.#problem = problem;
    if (isChange) {
      this.#onChange(problem);
    }
  }
}

/** What the types do not know of an entry about garbage. */
type Collection = PerformanceEntry & { readonly detail: NodeGCPerformanceDetail };

function isMajor({ detail }: Collection): boolean {
  return detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}
