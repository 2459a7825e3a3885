/**
 * Latest events of state streams that have outlived the retention limits, oldest first. These do not count them; they
 * may take a limit of bytes of their own.
 */
export class OutlivedStates<T> {
  readonly #maxBytes: number;
  readonly #bytesOf: (state: T) => number;
  readonly #byStream = new Map<string, T>();
  #bytes = 0;

  constructor(maxBytes: number, bytesOf: (state: T) => number) {
    this.#maxBytes = maxBytes;
    this.#bytesOf = bytesOf;
  }

  get isOver(): boolean {
    return this.#bytes > this.#maxBytes;
  }

  get(stream: string): T | undefined {
    return this.#byStream.get(stream);
  }

  /** One that is newer than all that are here, of a stream that has none. */
  add(stream: string, state: T): void {
    this.#byStream.set(stream, state);
    this.#bytes += this.#bytesOf(state);
  }

  /** Removes that of a stream, for whatever reason, and returns it. */
  take(stream: string): T | undefined {
    const state = this.#byStream.get(stream);
    if (state !== undefined) {
      this.#byStream.delete(stream);
      this.#bytes -= this.#bytesOf(state);
    }
    return state;
  }

  /** The oldest, as many as have to go so that the others fit; of those in `more`, too, which are about to be added. */
  *surplus(more: readonly T[] = []): Generator<T> {
    let over = more.reduce((sum, state) => sum + this.#bytesOf(state), this.#bytes - this.#maxBytes);
    for (const states of [this.#byStream.values(), more]) {
      for (const state of states) {
        if (over <= 0) {
          return;
        }
        over -= this.#bytesOf(state);
        yield state;
      }
    }
  }
}
