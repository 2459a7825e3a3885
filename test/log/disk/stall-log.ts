import { rmSync, writeFileSync } from 'node:fs';
import { openDiskLog } from '../../../src/log/disk/start/open.js';
import { createTestClock } from '../../support/clock.js';
import { retain } from '../../support/hub.js';
import { event } from '../contract/support.js';

/** Run by a test on a disk that can be stopped: appends while it does not flush, and writes what the log says of that. */
const [directory = '', stalls = ''] = process.argv.slice(2);
const clock = createTestClock();
const problems: (string | null)[] = [];
const log = await openDiskLog({
  directory,
  retention: retain(),
  clock,
  onDamage: 'refuse',
  onProblem: (reason) => problems.push(reason ?? null),
  onDamageFound: () => {},
});
writeFileSync(stalls, '');
const appending = log.append([event('a')]);
while (log.problem() === undefined) {
  await clock.advance(5000);
}
const problem = log.problem();
rmSync(stalls);
await appending;
await log.append([event('a')]);
process.stdout.write(JSON.stringify({ problem, problems, head: log.head, timers: clock.timers() }));
await log.close();
