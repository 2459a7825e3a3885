type Result<T> = IteratorResult<T, undefined>;

interface Waiting<T> {
  resolve(result: Result<T>): void;
  reject(error: Error): void;
}

/** Events on their way to a `for await` loop. It never drops one: whoever fills it looks at `isFull` first. */
export class EventQueue<T> implements AsyncIterator<T, undefined> {
  readonly #limit: number;
  readonly #onTake: () => void;
  readonly #onReturn: () => void;
  #events: T[] = [];
  /** How many at the front are taken: shift() would move all the others for each. */
  #taken = 0;
  #waiting: Waiting<T>[] = [];
  #isEnded = false;
  #error: Error | undefined;

  /**
   * @param onTake called when an event has been taken out
   * @param onReturn called when the loop is left
   */
  constructor(limit: number, onTake: () => void, onReturn: () => void) {
    this.#limit = Math.max(1, limit);
    this.#onTake = onTake;
    this.#onReturn = onReturn;
  }

  get isFull(): boolean {
    return this.#events.length - this.#taken >= this.#limit;
  }

  push(event: T): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#events.push(event);
    } else {
      next.resolve({ done: false, value: event });
    }
  }

  /** With an error the loop gets what is queued, then the error; without, it ends at once. */
  end(error?: Error): void {
    this.#isEnded = true;
    this.#error = error;
    if (error === undefined) {
      this.#events.length = this.#taken;
    }
    for (const waiting of this.#waiting.splice(0)) {
      this.#settle(waiting);
    }
  }

  next(): Promise<Result<T>> {
    return new Promise((resolve, reject) => {
      if (this.#taken < this.#events.length) {
        resolve({ done: false, value: this.#take() });
        this.#onTake();
      } else if (this.#isEnded) {
        this.#settle({ resolve, reject });
      } else {
        this.#waiting.push({ resolve, reject });
      }
    });
  }

  async return(): Promise<Result<T>> {
    this.#onReturn();
    return { done: true, value: undefined };
  }

  #take(): T {
    const event = this.#events[this.#taken++] as T;
    if (this.#taken * 2 >= this.#events.length) {
      this.#events.splice(0, this.#taken);
      this.#taken = 0;
    }
    return event;
  }

  #settle({ resolve, reject }: Waiting<T>): void {
    if (this.#error === undefined) {
      resolve({ done: true, value: undefined });
    } else {
      reject(this.#error);
      this.#error = undefined;
    }
  }
}
