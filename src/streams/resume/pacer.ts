import type { Clock } from '../../clock.js';

/** Time of each turn of the event loop that the steps may take; the last one may go over it. */
const SLICE_MS = 5;
/** Time between two slices while the event loop lags. */
const PAUSE_MS = 50;

/**
 * Lets many do something costly step by step without holding up everybody else: one step at a time, for a slice of each
 * turn of the event loop, and less often while the server is overloaded. Who has begun goes before who has not: with all
 * of them under way at once, what they have to catch up with might grow faster than any of them gets on.
 */
export class Pacer {
  readonly #clock: Clock;
  readonly #isOverloaded: () => boolean;
  readonly #first: (() => Promise<void>)[] = [];
  readonly #further: (() => Promise<void>)[] = [];
  #isRunning = false;

  constructor(clock: Clock, isOverloaded: () => boolean) {
    this.#clock = clock;
    this.#isOverloaded = isOverloaded;
  }

  /**
   * Resolves once the step has had its turn; what it throws is thrown here.
   * @param isFirst whether it is the first of its kind, so that it waits for the further steps of others
   */
  run(step: () => Promise<void>, isFirst: boolean): Promise<void> {
    const queue = isFirst ? this.#first : this.#further;
    return new Promise((resolve, reject) => {
      queue.push(() => step().then(resolve, reject));
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
    } while (this.#first.length + this.#further.length > 0);
    this.#isRunning = false;
  }

  async #slice(): Promise<void> {
    // Not the clock's time, which may be set back meanwhile.
    const end = performance.now() + SLICE_MS;
    let step = this.#next();
    while (step !== undefined) {
      await step();
      step = performance.now() < end ? this.#next() : undefined;
    }
  }

  #next(): (() => Promise<void>) | undefined {
    return this.#further.shift() ?? this.#first.shift();
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#isOverloaded() ? this.#clock.setTimeout(resolve, PAUSE_MS) : setImmediate(resolve);
    });
  }
}
