import type { Received } from '../connection/link.js';
import { MAX_COMPARED, type Mark, toMark } from './compare.js';

const MAX_SHOWN = 20;

export interface PaneState {
  readonly key: number;
  readonly stream: string;
  /** Newest first. */
  readonly events: readonly Received[];
  /** Oldest first. */
  readonly marks: readonly Mark[];
}

export type PanesAction =
  | { readonly type: 'add'; readonly stream: string }
  | { readonly type: 'remove'; readonly key: number }
  | { readonly type: 'batch'; readonly key: number; readonly batch: readonly Received[] };

export function openPanes(streams: readonly string[]): readonly PaneState[] {
  return streams.reduce<readonly PaneState[]>((panes, stream) => reducePanes(panes, { type: 'add', stream }), []);
}

export function reducePanes(panes: readonly PaneState[], action: PanesAction): readonly PaneState[] {
  switch (action.type) {
    case 'add': {
      const key = 1 + Math.max(0, ...panes.map((pane) => pane.key));
      return [...panes, { key, stream: action.stream, events: [], marks: [] }];
    }
    case 'remove':
      return panes.filter(({ key }) => key !== action.key);
    case 'batch':
      return panes.map((pane) => (pane.key === action.key ? receive(pane, action.batch) : pane));
  }
}

function receive(pane: PaneState, batch: readonly Received[]): PaneState {
  const events = [...batch.slice(-MAX_SHOWN).reverse(), ...pane.events].slice(0, MAX_SHOWN);
  const marks = [...pane.marks, ...batch.map(toMark)].slice(-MAX_COMPARED);
  return { ...pane, events, marks };
}
