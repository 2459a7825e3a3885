/** What is measured, as the reports show it. */
export interface Metric {
  readonly key: string;
  readonly label: string;
  readonly unit: string;
  readonly digits: number;
  readonly better: 'lower' | 'higher';
  /** What the figures of a curve stand over. */
  readonly over?: string;
}

/** One figure: a median over rounds. */
export interface Figure {
  readonly metric: string;
  readonly contender: string;
  /** Place on the curve. */
  readonly x?: number;
  readonly median: number;
  readonly values: readonly number[];
  /** The largest share of a core that the client used: near 1, it was the bottleneck. */
  readonly clientBusy: number;
}

interface Place {
  readonly x?: number;
  readonly clientBusy?: number;
}

interface Entry {
  readonly metric: string;
  readonly contender: string;
  readonly x?: number | undefined;
  readonly values: number[];
  clientBusy: number;
}

/** Collects values round by round. */
export class Figures {
  readonly #entries = new Map<string, Entry>();

  add(metric: Metric, contender: string, value: number, { x, clientBusy = 0 }: Place = {}): void {
    const key = `${metric.key} ${contender} ${x}`;
    const entry = this.#entries.get(key) ?? { metric: metric.key, contender, x, values: [], clientBusy: 0 };
    entry.values.push(value);
    entry.clientBusy = Math.max(entry.clientBusy, clientBusy);
    this.#entries.set(key, entry);
  }

  all(): Figure[] {
    return [...this.#entries.values()].map(({ x, ...entry }) => ({
      ...entry,
      ...(x === undefined ? {} : { x }),
      median: median(entry.values),
    }));
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
