/** An inclusive range of positions known to be lost. */
export interface Loss {
  readonly from: number;
  readonly to: number;
}

export function isLost(losses: readonly Loss[], pos: number): boolean {
  return losses.some(({ from, to }) => from <= pos && pos <= to);
}

/** Known losses with further ones, in order, those that touch as one. */
export function addLosses(known: readonly Loss[], found: readonly Loss[]): Loss[] {
  const merged: Loss[] = [];
  for (const { from, to } of [...known, ...found].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last.to + 1) {
      merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    } else {
      merged.push({ from, to });
    }
  }
  return merged;
}
