import type { Unsubscribe } from './types.js';

export type Listener = (event: never) => void;

/** Calls a callback that others wrote: what it throws is reported as uncaught, and stops nobody else. */
export function call<T>(callback: ((value: T) => void) | undefined, value: T): void {
  try {
    callback?.(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** Listeners by event type, and those of every type. */
export class Listeners {
  readonly #byType = new Map<string | undefined, Set<Listener>>();

  /** @param type undefined for every type */
  add(type: string | undefined, listener: Listener): Unsubscribe {
    // Wrapped, so that the same function added twice is called twice and each removed alone.
    const entry: Listener = (event) => listener(event);
    const set = this.#byType.get(type) ?? new Set();
    this.#byType.set(type, set.add(entry));
    return () => {
      set.delete(entry);
    };
  }

  emit(event: { readonly type: string }): void {
    for (const type of [event.type, undefined]) {
      for (const listener of this.#byType.get(type) ?? []) {
        call(listener as (event: object) => void, event);
      }
    }
  }
}
