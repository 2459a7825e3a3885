import {
  constants,
  type NodeGCPerformanceDetail,
  type PerformanceEntry,
  PerformanceObserver,
  type PerformanceObserverEntryList,
} from 'node:perf_hooks';
import { heapInUse } from './heap.js';

/** V8 ends the process when its collections keep leaving four fifths of the heap in use. */
const FULL = 0.7;
/** V8 may not collect for minutes while nothing comes in, so the heap counts as relieved once the history has shrunk by a tenth. */
const RELIEF = 0.9;

/**
 * Whether the heap is almost full, by what each major collection of garbage has left in it: between two of them nobody
 * knows how much of what it holds is garbage. Buffers lie outside the heap, and the hub's own limits bound them.
 */
export class HeapShortage {
  readonly #held: () => number;
  readonly #onFound: () => void;
  readonly #collections = new PerformanceObserver((entries) => this.#collected(entries));
  /** Bytes held when the last collection ended. */
  #heldBefore = 0;
  /** Bytes held when a collection left the heap almost full; undefined when the last one did not. */
  #heldWhenFull: number | undefined;

  /**
   * @param held bytes of history
   * @param onFound told after each collection that there is a shortage
   */
  constructor(held: () => number, onFound: () => void) {
    this.#held = held;
    this.#onFound = onFound;
  }

  get isPresent(): boolean {
    return this.#heldWhenFull !== undefined && this.#held() >= this.#heldWhenFull * RELIEF;
  }

  start(): void {
    this.#collections.observe({ entryTypes: ['gc'] });
  }

  stop(): void {
    this.#collections.disconnect();
  }

  #collected(entries: PerformanceObserverEntryList): void {
    if (!(entries.getEntries() as Collection[]).some(isMajor)) {
      return;
    }
    const held = this.#held();
    // What was freed while it was going on may still have been counted.
    this.#heldWhenFull = heapInUse() > FULL ? Math.max(held, this.#heldBefore) : undefined;
    this.#heldBefore = held;
    if (this.isPresent) {
      this.#onFound();
    }
  }
}

/** What the types do not know of an entry about garbage. */
type Collection = PerformanceEntry & { readonly detail: NodeGCPerformanceDetail };

function isMajor({ detail }: Collection): boolean {
  return detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}
