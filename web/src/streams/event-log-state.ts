import type { Received } from '../connection/link.js';
import { searchText } from './event-text.js';

export const MAX_EVENTS = 100;

/** The newest events of a stream, and whether the screen stands still. */
export interface EventLogState {
  /** Newest first. */
  readonly events: readonly Received[];
  /** Received since the start or the last clearing. */
  readonly total: number;
  /** What stood on screen when it was paused. */
  readonly paused: readonly Received[] | undefined;
  /** Received since it was paused. */
  readonly waiting: number;
}

export const EMPTY: EventLogState = { events: [], total: 0, paused: undefined, waiting: 0 };

type EventLogAction =
  | { readonly type: 'batch'; readonly batch: readonly Received[] }
  | { readonly type: 'toggle-pause' }
  | { readonly type: 'clear' };

export function reduceEventLog(state: EventLogState, action: EventLogAction): EventLogState {
  switch (action.type) {
    case 'batch':
      return addBatch(state, action.batch);
    case 'toggle-pause':
      return { ...state, paused: state.paused === undefined ? state.events : undefined, waiting: 0 };
    case 'clear':
      return { ...EMPTY, paused: state.paused && [] };
  }
}

function addBatch(state: EventLogState, batch: readonly Received[]): EventLogState {
  const events = [...batch.slice(-MAX_EVENTS).reverse(), ...state.events].slice(0, MAX_EVENTS);
  const waiting = state.paused === undefined ? 0 : state.waiting + batch.length;
  return { ...state, events, total: state.total + batch.length, waiting };
}

/** The events whose type, stream or data contains a text, whatever its case. */
export function filterEvents(events: readonly Received[], text: string): readonly Received[] {
  const wanted = text.trim().toLowerCase();
  return wanted === '' ? events : events.filter((event) => searchText(event).includes(wanted));
}
