import assert from 'node:assert/strict';
import { parseCursor } from '../../../src/events/cursor.js';
import type { Selection } from '../../../src/events/selection.js';
import type { Verdict } from '../../../src/streams/resume/resume.js';
import type { History } from './history.js';

interface Case {
  readonly history: History;
  readonly epoch: string;
  readonly selection: Selection;
  readonly cursor: string | undefined;
  /** Wanted positions after the cursor that the log no longer has. */
  readonly missing: readonly number[];
}

/** Holds a verdict against the oracle: no false `exact`, and no gap without a cause. */
export function checkVerdict(verdict: Verdict, { history, epoch, selection, cursor, missing }: Case): void {
  const place = cursor === undefined ? undefined : parseCursor(cursor);
  if (cursor === undefined) {
    assert.deepEqual(verdict, { resume: 'fresh' });
  } else if (place === undefined) {
    assert.deepEqual(verdict, { resume: 'gap', reason: 'malformed' });
  } else if (place.epoch !== epoch) {
    assert.deepEqual(verdict, { resume: 'gap', reason: 'epoch' });
  } else if (place.pos > history.head) {
    assert.deepEqual(verdict, { resume: 'gap', reason: 'ahead' });
  } else if (verdict.resume === 'exact') {
    assert.deepEqual(missing, [], 'a false exact');
  } else {
    checkGap(verdict, history, selection, place.pos, missing);
  }
}

function checkGap(
  verdict: Verdict,
  history: History,
  selection: Selection,
  pos: number,
  missing: readonly number[],
): void {
  assert.equal(verdict.resume, 'gap');
  assert.equal(verdict.reason, 'trimmed');
  const concerned = new Set(missing.map((pos) => history.at(pos)?.stream ?? ''));
  const named = verdict.gaps ?? [];
  assert.equal(verdict.gapCount, named.length);
  // What was forgotten may cause a gap too many, in a stream that is unknown or came back.
  const isDoubtful = history.floor > pos;
  for (const stream of concerned) {
    const isUnnamed = isDoubtful && named.length === 0;
    assert.ok(named.includes(stream) || isUnnamed, `${stream} has a gap that was not told`);
  }
  for (const stream of named) {
    assert.ok(concerned.has(stream) || isDoubtful, `${stream} has no gap`);
  }
  const isSure = selection.prefixes.length === 0 && selection.names.every((name) => history.isRemembered(name));
  assert.ok(missing.length > 0 || isDoubtful, 'a gap without a cause');
  assert.ok(named.length > 0 || !isSure, 'a gap in no stream');
}
