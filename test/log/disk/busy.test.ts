import { join } from 'node:path';
import t from 'tap';
import { event } from '../contract/support.js';
import { openLog } from './support.js';

t.test(
  'what waits for the disk is bounded: publishers over it are told to come back, the others are stored',
  async (t) => {
    const { log } = await openLog(t, join(t.testdir(), 'data'));
    const data = 'x'.repeat(250_000);
    const appends = await Promise.allSettled(Array.from({ length: 300 }, () => log.append([event('a', data)])));
    const refused = appends.filter((append) => append.status === 'rejected');
    t.ok(refused.length > 0 && refused.length < 100, `${refused.length} of 300 were refused`);
    for (const { reason } of refused) {
      t.match(reason, { code: 'SLUICE_LOG_BUSY', statusCode: 503 });
    }
    t.equal(log.usage().events, 300 - refused.length);
    t.ok(log.usage().commits >= 7, `in ${log.usage().commits} commits, so that none keeps the event loop for long`);
    await log.append([event('a', data)]);
    t.equal(log.head, 301 - refused.length, 'and there is room again');
  },
);
