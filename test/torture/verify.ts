import { matches, type Selection } from '../../src/events/selection.js';
import { type Ledger, positionOf } from './ledger.js';
import type { Session } from './watcher.js';

/** Most events that are stored and not yet acknowledged at any time. */
const UNDER_WAY = 100;

/** What any watcher remembers. */
interface Watched {
  readonly selection: Selection;
  readonly sessions: readonly Session[];
}

/**
 * Holds what a watcher saw against what publishers were told: each session begins where the one before it ended, is
 * given every wanted event once and in order, and no other, but for what is gone where it is told of a gap that can be.
 * @param historyEvents how many events the log keeps
 * @returns what is wrong
 */
export function verify({ selection, sessions }: Watched, ledger: Ledger, historyEvents: number): string[] {
  const complaints: string[] = [];
  sessions.forEach((session, i) => {
    const from = positionOf(session.from);
    const upTo = positionOf(session.upTo);
    const wanted = ledger.wanted(selection, from, upTo);
    const got = session.events.map(({ id }) => positionOf(id));
    const problems = [
      ...checkStart(session, sessions[i - 1]),
      ...checkContent(session, selection, ledger),
      ...checkOrder(from, got),
      ...checkVerdict(session, wanted, got, ledger.wanted(selection, from, session.known + UNDER_WAY - historyEvents)),
    ];
    const title = `watcher of ${selection.items.join()}, session ${i} (${session.resume} from ${session.from})`;
    complaints.push(...problems.map((problem) => `${title}: ${problem}`));
  });
  return complaints;
}

function checkStart({ cursor, from }: Session, previous: Session | undefined): string[] {
  return previous === undefined || (cursor === previous.upTo && from === cursor)
    ? []
    : [`it should begin at ${previous.upTo}`];
}

function checkContent({ events }: Session, selection: Selection, ledger: Ledger): string[] {
  return events.flatMap(({ id, name }) => {
    const entry = ledger.at(positionOf(id));
    if (entry?.id !== id || entry.name !== name) {
      return [`${id} is ${name} here, ${entry?.name} at its publisher`];
    }
    return matches(selection, entry.stream) ? [] : [`${id} is of the stream ${entry.stream}`];
  });
}

function checkOrder(from: number, got: readonly number[]): string[] {
  return got.flatMap((pos, i) => (pos > (got[i - 1] ?? from) ? [] : [`${pos} came after ${got[i - 1] ?? from}`]));
}

/** @param trimmed what retention may have taken by the time it began */
function checkVerdict({ resume, reason }: Session, wanted: number[], got: number[], trimmed: number[]): string[] {
  const isGap = resume === 'gap';
  if (isGap && (reason !== 'trimmed' || trimmed.length === 0)) {
    return [`told of a gap (${reason}) that cannot be`];
  }
  const had = new Set(isGap ? [...got, ...trimmed] : got);
  const missing = wanted.filter((pos) => !had.has(pos));
  return missing.length === 0 ? [] : [`${missing.length} events were lost: ${missing.slice(0, 5)}`];
}
