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
    let isOn = true;
    const entry: Listener = (event) => isOn && listener(event);
    const set = this.#byType.get(type) ?? new Set();
    this.#byType.set(type, set.add(entry));
    return () => {
      isOn = false;
      set.delete(entry);
    };
  }

  /** To those there are now: one that is added meanwhile begins with the next event, also one that renews itself. Until `isOver`. */
  emit(event: { readonly type: string }, isOver: () => boolean): void {
    const listeners = [event.type, undefined].flatMap((type) => [...(this.#byType.get(type) ?? [])]);
    for (const listener of listeners) {
      if (isOver()) {
        return;
      }
      call(listener as (event: object) => void, event);
    }
  }
}
