import type { StoredEvent } from '../../../../src/events/event.js';
import { parseSelection } from '../../../../src/events/selection.js';
import type { DiskLog } from '../../../../src/log/disk/disk-log.js';
import type { Receipt } from '../../../../src/log/receipts.js';
import { judge, type Verdict } from '../../../../src/streams/resume/resume.js';
import { readAll } from '../../contract/support.js';
import type { Reference } from './reference.js';

const SELECTIONS = ['*', 'x.*', 'tasks.*', 'a', 'b', 's1', 'a,s2,tasks.1', 's3,s4,s5,s6,x.1,x.2', 'x.y.*,s7'];
const STARTS = 5;
const PAGE_BYTES = 16_000;

/** Everything a log tells, in plain values. */
export interface Observation {
  readonly reads: readonly { readonly selection: string; readonly from: number; readonly events: StoredEvent[] }[];
  readonly verdicts: readonly { readonly selection: string; readonly cursor: string; readonly verdict: Verdict }[];
  readonly receipts: readonly (Receipt | null)[];
  readonly states: StoredEvent[];
  readonly list: readonly unknown[];
}

export async function observe(log: DiskLog, { keys, cursors }: Reference): Promise<Observation> {
  const reads = [];
  for (const selection of SELECTIONS) {
    for (let i = 0; i < STARTS; i++) {
      const from = Math.floor((log.head * i) / STARTS);
      reads.push({ selection, from, events: await readAll(log, selection, from, PAGE_BYTES) });
    }
  }
  const verdicts = SELECTIONS.flatMap((selection) =>
    cursors.map((cursor) => ({ selection, cursor, verdict: judge(log, parseSelection(selection), cursor).verdict })),
  );
  const observation: Observation = {
    reads,
    verdicts,
    receipts: keys.map((key) => log.receipt(key) ?? null),
    states: [...log.latestStates(parseSelection('*'), 100)],
    list: log.streams.list('', '', 1000),
  };
  // It goes to other processes as JSON, which knows no undefined.
  return JSON.parse(JSON.stringify(observation)) as Observation;
}
