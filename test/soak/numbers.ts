/** Counts events by series, one publisher each, so that a watcher can tell what is missing. */
export class Numbers {
  readonly #last = new Map<string, number>();
  total = 0;

  next(series: string): number {
    const number = this.last(series) + 1;
    this.#last.set(series, number);
    this.total++;
    return number;
  }

  last(series: string): number {
    return this.#last.get(series) ?? 0;
  }
}

/** All streams of one name count as one series, as do the short-lived streams `churn.*`. */
export function seriesOf(stream: string): string {
  return stream.startsWith('churn.') ? 'churn' : stream;
}

/** The number in an event, wherever its kind has it. */
export function numberIn(data: unknown): number {
  const { n, moved, message } = Object(data);
  return Number(n ?? moved ?? message ?? data);
}
