import { OutlivedStates } from '../../outlived-states.js';
import type { Removal } from './trim-plan.js';

/**
 * Events of state streams beside the limits for all streams: the latest ones, which stay while they fit in a limit of their
 * own, and those that a newer one has taken the place of, which are to go.
 */
export class KeptStates {
  readonly #latest: OutlivedStates<Removal>;
  readonly #superseded = new Map<number, Removal>();

  /** @param maxBytes of the latest ones together */
  constructor(maxBytes: number) {
    this.#latest = new OutlivedStates(maxBytes, ({ bytes }) => bytes);
  }

  /** To be removed. */
  get superseded(): Iterable<Removal> {
    return this.#superseded.values();
  }

  /** Whether any has to go. */
  get isDue(): boolean {
    return this.#superseded.size > 0 || this.#latest.isOver;
  }

  /** The oldest of the latest ones that have to go, so that these fit together with others that are to stay. */
  surplus(kept: readonly Removal[]): Iterable<Removal> {
    return this.#latest.surplus(kept);
  }

  /** An event that has outlived the limits stays; from now on they do not count it. */
  keep(removal: Removal): void {
    this.#latest.add(removal.stream, { ...removal, counted: false });
  }

  /** A stream has a newer event. */
  supersede(stream: string): void {
    const latest = this.#latest.take(stream);
    if (latest !== undefined) {
      this.#superseded.set(latest.pos, latest);
    }
  }

  forget(stream: string): void {
    this.#latest.take(stream);
  }

  removed({ stream, pos }: Removal): void {
    this.#superseded.delete(pos);
    if (this.#latest.get(stream)?.pos === pos) {
      this.#latest.take(stream);
    }
  }

  /** Forgets what it has of a stream, which goes in another way, and returns it. */
  take(stream: string): Removal[] {
    const taken = [...this.#superseded.values()].filter((removal) => removal.stream === stream);
    for (const { pos } of taken) {
      this.#superseded.delete(pos);
    }
    const latest = this.#latest.take(stream);
    return latest === undefined ? taken : [...taken, latest];
  }
}
