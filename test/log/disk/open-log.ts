import { systemClock } from '../../../src/clock.js';
import { openDiskLog } from '../../../src/log/disk/start/open.js';
import { retain } from '../../support/hub.js';

/** Run by a test as another user: opens the directory it is given, and writes why that cannot be done. */
try {
  const log = await openDiskLog({
    directory: process.argv[2] ?? '',
    retention: retain(),
    clock: systemClock,
    onDamage: 'refuse',
    onProblem: () => {},
    onDamageFound: () => {},
  });
  await log.close();
} catch (error) {
  process.stdout.write((error as Error).message);
}
