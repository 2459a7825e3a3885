import { heapBytes } from './heap.js';

/** Of all bodies together. They lie outside the heap, which follows the memory of the machine or container. */
export const MAX_BODY_BYTES = Math.min(256 * 1024 * 1024, Math.floor(heapBytes / 4));

/**
 * The bytes of request bodies under way. A client may take as much as that leaves free: so one alone takes half, what is
 * small passes when what is large no longer does, and others find room, however many bodies somebody holds.
 */
export class BodyRoom {
  readonly #byClient = new Map<string, number>();
  #taken = 0;

  /** Takes room for a body, if there is. One alone has it, however large. */
  take(client: string, bytes: number): boolean {
    const own = this.#of(client) + bytes;
    if (this.#taken > 0 && own > MAX_BODY_BYTES - this.#taken - bytes) {
      return false;
    }
    this.#taken += bytes;
    this.#byClient.set(client, own);
    return true;
  }

  /** Gives back what a body has taken. */
  free(client: string, bytes: number): void {
    const left = this.#of(client) - bytes;
    this.#taken -= bytes;
    if (left > 0) {
      this.#byClient.set(client, left);
    } else {
      this.#byClient.delete(client);
    }
  }

  #of(client: string): number {
    return this.#byClient.get(client) ?? 0;
  }
}
