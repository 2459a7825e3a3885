import type { Clock } from '../clock.js';

/** Time of each turn of the event loop that the steps may take; the last one may go over it. */
const SLICE_MS = 5;
/** Time between two slices while the event loop lags. */
const PAUSE_MS = 50;

/**
 * Lets many do something costly step by step without holding up everybody else: one step at a time, in the order they
 * came, for a slice of each turn of the event loop, and less often while the server is overloaded.
 */
export class Pacer {
  readonly #clock: Clock;
  readonly #isOverloaded: () => boolean;
  #waiting: (() => Promise<void>)[] = [];
  #isRunning = false;

  constructor(clock: Clock, isOverloaded: () => boolean) {
    this.#clock = clock;
    this.#isOverloaded = isOverloaded;
  }

  /** Resolves once the step has had its turn; what it throws is thrown here. */
  run(step: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => step().then(resolve, reject));
      if (!this.#isRunning) {
        this.#isRunning = true;
        void this.#work();
      }
    });
  }

  async #work(): Promise<void> {
    do {
      await this.#slice();
      await this.#pause();
    } while (this.#waiting.length > 0);
    this.#isRunning = false;
  }

  async #slice(): Promise<void> {
    // Not the clock's time, which may be set back meanwhile.
    const end = performance.now() + SLICE_MS;
    let step = this.#waiting.shift();
    while (step !== undefined) {
      await step();
      step = performance.now() < end ? this.#waiting.shift() : undefined;
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#isOverloaded() ? this.#clock.setTimeout(resolve, PAUSE_MS) : setImmediate(resolve);
    });
  }
}
