import { type Numbers, numberIn, seriesOf } from './numbers.js';

/** Holds one watcher's events against each other: each series goes on without a hole or a repetition. */
export class Sequence {
  readonly complaints: string[] = [];
  events = 0;
  readonly #title: string;
  readonly #last = new Map<string, number>();

  constructor(title: string) {
    this.#title = title;
  }

  /** It starts anew, or was told of a gap: the next number of each series is whatever it is. */
  restart(): void {
    this.#last.clear();
  }

  take(stream: string, data: unknown): void {
    const series = seriesOf(stream);
    const number = numberIn(data);
    const last = this.#last.get(series);
    if (last !== undefined && number !== last + 1) {
      this.complaints.push(`${this.#title}: ${series} went from ${last} to ${number}`);
    }
    this.#last.set(series, number);
    this.events++;
  }

  /** True when it has the newest event of each series it has seen. */
  isComplete(numbers: Numbers): boolean {
    return [...this.#last].every(([series, last]) => last === numbers.last(series));
  }
}
