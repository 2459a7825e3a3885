import { isDeepStrictEqual } from 'node:util';
import { parseCursor } from '../../../../src/events/cursor.js';
import { matches, parseSelection } from '../../../../src/events/selection.js';
import type { DiskLog } from '../../../../src/log/disk/disk-log.js';
import { DamageError, DataDirectoryError } from '../../../../src/log/disk/errors.js';
import { event } from '../../contract/support.js';
import { type Observation, observe } from './observe.js';
import { openReference, type Reference } from './reference.js';

/** What came of opening a damaged directory and reading everything in it. */
export type Outcome = 'refused' | 'refused when read' | 'identical' | 'SILENTLY WRONG' | 'crashed';
/** And of opening it with DAMAGED=skip. */
export type SkipOutcome = 'refused' | 'identical' | 'the loss is told' | 'SILENTLY WRONG' | 'crashed';
/** What may not happen: what is wrong is to be said, by a process that goes on. */
export const FAILURES: readonly (Outcome | SkipOutcome)[] = ['SILENTLY WRONG', 'crashed'];

const WRITES = 50;

export interface Finding<O> {
  readonly outcome: O;
  readonly detail: string;
}

export async function examine(directory: string, reference: Reference, truth: Observation): Promise<Finding<Outcome>> {
  try {
    const log = await openReference(directory);
    let found: Finding<Outcome>;
    try {
      found = compare(await observe(log, reference), truth);
      await goOn(log);
    } finally {
      await log.close();
    }
    const again = await observeAgain(directory, reference);
    return typeof again === 'string' ? { outcome: 'SILENTLY WRONG', detail: again } : found;
  } catch (error) {
    return refusal(error);
  }
}

/** Publishes so much that pages that are free, or look so, are written. */
async function goOn(log: DiskLog): Promise<void> {
  for (let i = 0; i < WRITES; i++) {
    await log.append([event('a', 'x'.repeat(1000))]);
  }
}

export async function examineSkip(
  directory: string,
  reference: Reference,
  truth: Observation,
): Promise<Finding<SkipOutcome>> {
  try {
    const first = await openReference(directory, 'skip');
    let seen: Observation;
    try {
      seen = await observe(first, reference);
      await goOn(first);
    } finally {
      await first.close();
    }
    const wrong = [...wrongEvents(seen, truth), ...falseExact(seen, truth), ...wrongReceipts(seen, truth)];
    const again = await observeAgain(directory, reference);
    if (typeof again === 'string') {
      wrong.push(again);
    } else if (!isDeepStrictEqual(again.receipts, seen.receipts)) {
      wrong.push('the next start knows other receipts');
    }
    const [detail] = wrong;
    if (detail !== undefined) {
      return { outcome: 'SILENTLY WRONG', detail };
    }
    return { outcome: isDeepStrictEqual(seen, truth) ? 'identical' : 'the loss is told', detail: '' };
  } catch (error) {
    const { outcome, detail } = refusal(error);
    return { outcome: outcome === 'refused' ? 'refused' : 'SILENTLY WRONG', detail };
  }
}

/** The next start must find a whole log. */
async function observeAgain(directory: string, reference: Reference): Promise<Observation | string> {
  try {
    const log = await openReference(directory);
    try {
      return await observe(log, reference);
    } finally {
      await log.close();
    }
  } catch (error) {
    return `the next start is not clean: ${(error as Error).message}`;
  }
}

function compare(seen: Observation, truth: Observation): Finding<Outcome> {
  for (const part of ['reads', 'verdicts', 'receipts', 'states', 'list'] as const) {
    if (!isDeepStrictEqual(seen[part], truth[part])) {
      return { outcome: 'SILENTLY WRONG', detail: part };
    }
  }
  return { outcome: 'identical', detail: '' };
}

function refusal(error: unknown): Finding<Outcome> {
  const { message } = error as Error;
  if (error instanceof DataDirectoryError) {
    return { outcome: 'refused', detail: message };
  }
  return { outcome: 'refused when read', detail: error instanceof DamageError ? message : String(error) };
}

/** Every event that is still there is what it was. */
function wrongEvents({ reads }: Observation, truth: Observation): string[] {
  return reads.flatMap(({ selection, from, events }) => {
    const known = new Map(truth.reads.find((read) => read.selection === selection)?.events.map((e) => [e.pos, e]));
    return events
      .filter((event) => !isDeepStrictEqual(known.get(event.pos), event))
      .map(({ pos }) => `${selection} after ${from} has a wrong event at ${pos}`);
  });
}

/** Who is told `exact` misses nothing. */
function falseExact({ reads, verdicts }: Observation, truth: Observation): string[] {
  const there = new Set(reads.flatMap(({ events }) => events.map(({ pos }) => pos)));
  const all = truth.reads.find(({ selection, from }) => selection === '*' && from === 0)?.events ?? [];
  return verdicts.flatMap(({ selection: text, cursor, verdict }) => {
    const { pos = 0 } = parseCursor(cursor) ?? {};
    const selection = parseSelection(text);
    const missing = all.filter((e) => e.pos > pos && matches(selection, e.stream) && !there.has(e.pos));
    return verdict.resume === 'exact' && missing.length > 0 ? [`${text} after ${pos} is told exact`] : [];
  });
}

/** A receipt may be gone with the rest; it may not be another. */
function wrongReceipts({ receipts }: Observation, truth: Observation): string[] {
  return receipts.flatMap((receipt, i) =>
    receipt === null || isDeepStrictEqual(receipt, truth.receipts[i]) ? [] : [`receipt ${i} is wrong`],
  );
}
