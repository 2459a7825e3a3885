/** Frames do not run in a hidden tab; this many ms later the batch goes out all the same. */
const HIDDEN_MS = 250;

/** Collects what arrives and hands it on once per animation frame, so that a fast stream costs one render a frame. */
export class FrameBatch<T> {
  readonly #onBatch: (items: readonly T[]) => void;
  #items: T[] = [];
  #frame = 0;
  #timer = 0;

  constructor(onBatch: (items: readonly T[]) => void) {
    this.#onBatch = onBatch;
  }

  add(item: T): void {
    this.#items.push(item);
    if (this.#items.length === 1) {
      this.#frame = requestAnimationFrame(() => this.flush());
      this.#timer = window.setTimeout(() => this.flush(), HIDDEN_MS);
    }
  }

  flush(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    if (this.#items.length > 0) {
      const items = this.#items;
      this.#items = [];
      this.#onBatch(items);
    }
  }
}
