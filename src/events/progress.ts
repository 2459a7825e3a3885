export interface Progress {
  readonly moved: number;
  readonly total: number;
  /** Share done, with two decimals: "45.00". */
  readonly percent: string;
}

export function createProgress(moved: number, total: number): Progress {
  // What is not done is never rounded up to all of it.
  const percent = moved < total ? Math.min((moved / total) * 100, 99.99) : 100;
  return { moved, total, percent: percent.toFixed(2) };
}
