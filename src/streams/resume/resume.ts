import { parseCursor } from '../../events/cursor.js';
import type { Selection } from '../../events/selection.js';
import type { EventLog } from '../../log/event-log.js';
import type { Window } from './window.js';

/** What a watcher asks for: which streams, and from where on. */
export interface ResumeRequest {
  readonly selection: Selection;
  /** The cursor as the client sent it; an empty one is none. */
  readonly cursor?: string | undefined;
  /** Without a cursor: replay the newest so many events first, as far as the window reaches. */
  readonly last?: number | undefined;
}

/** Why a watcher cannot have everything it missed. */
type GapReason = 'trimmed' | 'lost' | 'epoch' | 'ahead' | 'malformed';

/** What a watcher is told of its cursor: the truth, in the stream, before anything else. */
export interface Verdict {
  /** `exact` only when every wanted event after the cursor will follow, once and in order. */
  readonly resume: 'fresh' | 'exact' | 'gap';
  readonly reason?: GapReason;
  /** The streams concerned, at most 100; none where not all of them are known. */
  readonly gaps?: readonly string[];
  /** How many streams are concerned; 0 where that is not known. */
  readonly gapCount?: number;
}

export interface Resumption {
  readonly verdict: Verdict;
  /** Replay starts after this position. */
  readonly from: number;
  /** False when it starts live with nothing to replay. */
  readonly replay: boolean;
  /** Whether it gets the current state, as of `from`. */
  readonly withStates: boolean;
}

/** Where a watcher begins: after its cursor, else before the newest events it asks for, else live. */
export function resume(log: EventLog, window: Window, { selection, cursor, last }: ResumeRequest): Resumption {
  if (last === undefined || cursor) {
    return judge(log, selection, cursor);
  }
  const from = window.before(selection, last) ?? log.head;
  return { verdict: { resume: 'fresh' }, from, replay: true, withStates: false };
}

/** Judges a cursor as a client sent it; an empty one is none. */
export function judge(log: EventLog, selection: Selection, text: string | undefined): Resumption {
  const live = (verdict: Verdict) => ({ verdict, from: log.head, replay: false, withStates: true });
  if (!text) {
    return live({ resume: 'fresh' });
  }
  const cursor = parseCursor(text);
  if (cursor === undefined) {
    return live({ resume: 'gap', reason: 'malformed' });
  }
  const place = log.locate(cursor);
  if (place !== 'inside') {
    return live({ resume: 'gap', reason: place });
  }
  const { pos, isStateDue = false } = cursor;
  return { verdict: judgeHistory(log, selection, pos), from: pos, replay: true, withStates: isStateDue };
}

function judgeHistory(log: EventLog, selection: Selection, pos: number): Verdict {
  const { count, streams, floor } = log.streams.trimmedAfter(selection, pos);
  if (floor) {
    // Those that are known are not all: named alone, they would have the others pass for whole.
    return { resume: 'gap', reason: 'trimmed', gaps: [], gapCount: 0 };
  }
  if (count > 0) {
    return { resume: 'gap', reason: 'trimmed', gaps: streams, gapCount: count };
  }
  return log.lostAfter(pos) ? { resume: 'gap', reason: 'lost' } : { resume: 'exact' };
}
