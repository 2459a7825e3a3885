import type { Removal } from './trim-plan.js';

/**
 * Events of state streams beside the limits for all streams: the latest ones, which stay, and those that a newer one has
 * taken the place of, which are to go.
 */
export class KeptStates {
  readonly #latest = new Map<string, Removal>();
  readonly #superseded = new Map<number, Removal>();

  /** To be removed. */
  get superseded(): Iterable<Removal> {
    return this.#superseded.values();
  }

  get hasSuperseded(): boolean {
    return this.#superseded.size > 0;
  }

  /** An event that has outlived the limits stays; from now on they do not count it. */
  keep(removal: Removal): void {
    this.#latest.set(removal.stream, { ...removal, counted: false });
  }

  /** A stream has a newer event. */
  supersede(stream: string): void {
    const latest = this.#latest.get(stream);
    if (latest !== undefined) {
      this.#latest.delete(stream);
      this.#superseded.set(latest.pos, latest);
    }
  }

  forget(stream: string): void {
    this.#latest.delete(stream);
  }

  removed(pos: number): void {
    this.#superseded.delete(pos);
  }

  /** Forgets what it has of a stream, which goes in another way, and returns it. */
  take(stream: string): Removal[] {
    const taken = [...this.#superseded.values()].filter((removal) => removal.stream === stream);
    for (const { pos } of taken) {
      this.#superseded.delete(pos);
    }
    const latest = this.#latest.get(stream);
    this.#latest.delete(stream);
    return latest === undefined ? taken : [...taken, latest];
  }
}
