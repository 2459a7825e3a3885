export interface Progress {
  readonly moved: number;
  readonly total: number;
  /** Share done, with two decimals: "45.00". */
  readonly percent: string;
}

export function createProgress(moved: number, total: number): Progress {
  return { moved, total, percent: ((moved / total) * 100).toFixed(2) };
}
