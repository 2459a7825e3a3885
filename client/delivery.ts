import { type Listener, Listeners } from './listeners.js';
import { EventQueue } from './queue.js';
import type { Unsubscribe } from './types.js';

/** Hands events to listeners and to the loop, and tells whoever reads them when to go on. */
export class Delivery<T extends { readonly type: string }> {
  readonly #listeners = new Listeners();
  readonly #queue: EventQueue<T>;
  #hasLoop = false;
  #hasConsumer = false;
  #isEnded = false;
  #proceed: (() => void) | undefined;

  /** @param onReturn called when the loop is left */
  constructor(maxQueued: number, onReturn: () => void) {
    this.#queue = new EventQueue(maxQueued, () => this.#update(), onReturn);
  }

  /** @param type undefined for every type */
  listen(type: string | undefined, listener: Listener): Unsubscribe {
    const unsubscribe = this.#listeners.add(type, listener);
    this.#hasConsumer = true;
    this.#update();
    return unsubscribe;
  }

  loop(): AsyncIterator<T, undefined> {
    if (this.#hasLoop) {
      throw new TypeError('a connection has one for await loop: use on() beside it');
    }
    this.#hasLoop = true;
    this.#hasConsumer = true;
    this.#update();
    return this.#queue;
  }

  deliver(event: T): void {
    if (this.#isEnded) {
      return;
    }
    if (this.#hasLoop) {
      this.#queue.push(event);
    }
    this.#listeners.emit(event, () => this.#isEnded);
  }

  /** Resolves when somebody is there to take events and the loop is not behind. */
  ready(): Promise<void> {
    return new Promise((resolve) => {
      this.#proceed = resolve;
      this.#update();
    });
  }

  end(error?: Error): void {
    this.#isEnded = true;
    this.#queue.end(error);
    this.#update();
  }

  #update(): void {
    if (this.#isEnded || (this.#hasConsumer && !this.#queue.isFull)) {
      this.#proceed?.();
    }
  }
}
