import { type Comparison, compare, type Tally } from './compare.js';
import type { PaneState } from './panes-state.js';

/** What a pane has in common with the others of its stream. */
export interface Judgement {
  readonly verdict: Comparison['verdict'];
  readonly tally: Tally;
}

/** By the key of each pane; each stream is compared once, however many panes it has. */
export function judge(panes: readonly PaneState[]): ReadonlyMap<number, Judgement> {
  const judgements = new Map<number, Judgement>();
  for (const stream of new Set(panes.map((pane) => pane.stream))) {
    const group = panes.filter((pane) => pane.stream === stream);
    const { verdict, tallies } = compare(group.map(({ marks }) => marks));
    for (const [index, tally] of tallies.entries()) {
      judgements.set(group[index]?.key ?? 0, { verdict, tally });
    }
  }
  return judgements;
}
