import type { Test } from 'tap';
import type { StoredEvent } from '../../../src/events/event.js';
import type { DiskLog } from '../../../src/log/disk/disk-log.js';
import { type DiskLogOptions, openDiskLog } from '../../../src/log/disk/start/open.js';
import type { Retention } from '../../../src/log/retention.js';
import { createTestClock, type TestClock } from '../../support/clock.js';
import { retain } from '../../support/hub.js';

interface OpenOptions {
  readonly clock?: TestClock;
  readonly limits?: Partial<Retention>;
  readonly onDamage?: DiskLogOptions['onDamage'];
  /** False where a registry is to listen. Default: true. */
  readonly listens?: boolean;
}

/** An open log with what it told of itself. */
export interface OpenedLog {
  readonly log: DiskLog;
  readonly clock: TestClock;
  /** What its listener was given. */
  readonly committed: StoredEvent[];
  /** Problems as they came and went. */
  readonly problems: (string | undefined)[];
  /** Damage it told of. */
  readonly damage: string[];
  /** May be called twice. */
  close(): Promise<void>;
}

/** Opens the log of a directory; it is closed with the test, if not before. */
export async function openLog(t: Test, directory: string, options: OpenOptions = {}): Promise<OpenedLog> {
  const { clock = createTestClock(), limits, onDamage = 'refuse', listens = true } = options;
  const problems: (string | undefined)[] = [];
  const damage: string[] = [];
  const committed: StoredEvent[] = [];
  const log = await openDiskLog({
    directory,
    retention: retain(limits),
    clock,
    onDamage,
    onProblem: (reason) => problems.push(reason),
    onDamageFound: (what) => damage.push(what),
  });
  if (listens) {
    log.listen({ committed: (events) => committed.push(...events), trimmed: () => {}, purged: () => {} });
  }
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= log.close();
    return closing;
  };
  t.teardown(close);
  return { log, clock, committed, problems, damage, close };
}
