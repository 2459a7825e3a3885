import type { DiskLog } from '../../../../src/log/disk/disk-log.js';
import { openDiskLog } from '../../../../src/log/disk/start/open.js';
import { createTestClock } from '../../../support/clock.js';
import { retain } from '../../../support/hub.js';
import type { Random } from '../../../torture/random.js';
import { event } from '../../contract/support.js';

const EPOCHS = 3;
const APPENDS = 60;
const STREAMS = [
  'a',
  'b',
  'x.1',
  'x.2',
  'x.y.1',
  'tasks.1',
  'tasks.2',
  ...Array.from({ length: 20 }, (_, i) => `s${i}`),
];
const LIMITS = retain({ eventsPerStream: 35, events: 700 });

export interface Reference {
  /** Idempotency keys in use. */
  readonly keys: readonly string[];
  /** Cursors that watchers may come back with. */
  readonly cursors: readonly string[];
}

export function openReference(directory: string, onDamage: 'refuse' | 'skip' = 'refuse'): Promise<DiskLog> {
  const options = { directory, retention: LIMITS, clock: createTestClock(), onDamage };
  return openDiskLog({ ...options, onProblem: () => {}, onDamageFound: () => {} });
}

/** A directory with something of everything: epochs, trims, a purge, states, generated events, receipts. */
export async function buildReference(directory: string, random: Random): Promise<Reference> {
  const keys: string[] = [];
  const cursors: string[] = [];
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const log = await openReference(directory);
    for (let i = 0; i < APPENDS; i++) {
      const batch = Array.from({ length: random.int(1, 12) }, () =>
        event(random.pick(STREAMS), 'x'.repeat(random.chance(0.02) ? 9000 : random.int(0, 400)), random.chance(0.1)),
      );
      const key = `${epoch}-${i}`;
      const isClaimed = random.chance(0.3);
      await log.append(batch, isClaimed ? { key, fingerprint: `print of ${key}` } : undefined);
      if (isClaimed) {
        keys.push(key);
      }
      if (random.chance(0.1)) {
        cursors.push(log.cursorAt(log.head));
      }
    }
    await log.purge(random.pick(STREAMS));
    await log.idle();
    await log.close();
  }
  return { keys, cursors };
}
