import type { Resume } from '../../../client/index.js';
import type { Received } from '../connection/link.js';

const MAX_ENTRIES = 100;

/** A line of the story: an event, or what happened to the connection. */
export type Entry = { readonly key: number } & (
  | { readonly kind: 'event'; readonly event: Received; readonly isCaughtUp: boolean }
  | { readonly kind: 'cut' }
  | { readonly kind: 'resume'; readonly resume: Resume }
);

export interface ResumeState {
  /** Newest first. */
  readonly entries: readonly Entry[];
  readonly lastKey: number;
  /** Published from this page since the cut. */
  readonly missed: number;
  /** Arrived since the return that had been published before it. */
  readonly caughtUp: number;
  /** Newest event of the stream at the return, while it has not arrived: what comes up to it is caught up. */
  readonly head: string | undefined;
}

type ResumeAction =
  | { readonly type: 'batch'; readonly batch: readonly Received[] }
  | { readonly type: 'resume'; readonly resume: Resume }
  | { readonly type: 'cut' }
  | { readonly type: 'published'; readonly isCut: boolean }
  | { readonly type: 'return'; readonly head: string | undefined };

export const EMPTY: ResumeState = { entries: [], lastKey: 0, missed: 0, caughtUp: 0, head: undefined };

export function reduceResume(state: ResumeState, action: ResumeAction): ResumeState {
  switch (action.type) {
    case 'batch':
      return action.batch.reduce(addEvent, state);
    case 'resume':
      return addVerdict(state, action.resume);
    case 'cut':
      return { ...addEntry(state, { kind: 'cut' }), missed: 0, caughtUp: 0 };
    case 'published':
      return { ...state, missed: state.missed + (action.isCut ? 1 : 0) };
    case 'return':
      return { ...state, head: isSeen(state, action.head) ? undefined : action.head };
  }
}

function addEvent(state: ResumeState, event: Received): ResumeState {
  const isCaughtUp = state.head !== undefined;
  const next = addEntry(state, { kind: 'event', event, isCaughtUp });
  const head = event.id === state.head ? undefined : state.head;
  return { ...next, head, caughtUp: state.caughtUp + (isCaughtUp ? 1 : 0) };
}

/** After a gap in the log itself the server replays nothing. */
function addVerdict(state: ResumeState, resume: Resume): ResumeState {
  const isReplayed = resume.resume === 'exact' || (resume.resume === 'gap' && /trimmed|lost/.test(resume.reason));
  return { ...addEntry(state, { kind: 'resume', resume }), head: isReplayed ? state.head : undefined };
}

type NewEntry<E extends Entry = Entry> = E extends Entry ? Omit<E, 'key'> : never;

function addEntry(state: ResumeState, entry: NewEntry): ResumeState {
  const key = state.lastKey + 1;
  return { ...state, lastKey: key, entries: [{ ...entry, key }, ...state.entries].slice(0, MAX_ENTRIES) };
}

function isSeen({ entries }: ResumeState, id: string | undefined): boolean {
  return entries.some((entry) => entry.kind === 'event' && entry.event.id === id);
}
