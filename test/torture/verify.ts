import { type Ledger, positionOf } from './ledger.js';
import type { Session, Watcher } from './watcher.js';

/**
 * Holds what a watcher saw against what publishers were told: each session begins where the one before it ended, is
 * given every wanted event once and in order if it was told so, and lacks something if it was told that.
 * @returns what is wrong
 */
export function verify({ selection, sessions }: Watcher, ledger: Ledger): string[] {
  const complaints: string[] = [];
  sessions.forEach((session, i) => {
    const from = positionOf(session.from);
    const upTo = positionOf(session.upTo);
    const wanted = ledger.wanted(selection, from, upTo);
    const got = session.events.map(({ id }) => positionOf(id));
    const problems = [
      ...checkStart(session, sessions[i - 1]),
      ...checkContent(session, ledger),
      ...checkOrder(from, got),
      ...checkVerdict(session, wanted, got),
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

function checkContent({ events }: Session, ledger: Ledger): string[] {
  return events.flatMap(({ id, name }) => {
    const entry = ledger.at(positionOf(id));
    return entry?.id === id && entry.name === name ? [] : [`${id} is ${name} here, ${entry?.name} at its publisher`];
  });
}

function checkOrder(from: number, got: readonly number[]): string[] {
  return got.flatMap((pos, i) => (pos > (got[i - 1] ?? from) ? [] : [`${pos} came after ${got[i - 1] ?? from}`]));
}

function checkVerdict(session: Session, wanted: readonly number[], got: readonly number[]): string[] {
  const { resume, reason, upTo, known } = session;
  const had = new Set(got);
  const missing = wanted.filter((pos) => !had.has(pos));
  if (resume !== 'gap') {
    return missing.length === 0 ? [] : [`${missing.length} events were lost: ${missing.slice(0, 5)}`];
  }
  if (reason !== 'trimmed') {
    return [`a gap for the reason ${reason}`];
  }
  // Only a session that came as far as what was there when it began can tell that nothing was missing.
  return missing.length === 0 && positionOf(upTo) >= known ? ['a gap in which nothing is missing'] : [];
}
