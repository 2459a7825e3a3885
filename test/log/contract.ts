import t, { type Test } from 'tap';
import type { Clock } from '../../src/clock.js';
import type { StoredEvent } from '../../src/events/event.js';
import type { EventLog } from '../../src/log/event-log.js';
import type { Retention } from '../../src/log/retention.js';
import { createTestClock, type TestClock } from '../support/clock.js';
import { retain } from '../support/hub.js';
import { appending } from './contract/appending.js';
import { claiming } from './contract/claiming.js';
import { forgetting } from './contract/forgetting.js';
import { reading } from './contract/reading.js';
import { retaining } from './contract/retaining.js';
import { trimming } from './contract/trimming.js';

/** Opens an empty log; whatever it leaves behind is the caller's to clear. */
type OpenLog = (retention: Retention, clock: Clock) => Promise<EventLog>;

/** An open log with what its listener was told. */
interface Subject {
  readonly log: EventLog;
  readonly clock: TestClock;
  /** Events in the order the listener got them. */
  readonly committed: readonly StoredEvent[];
  /** Positions in the order the listener was told of them. */
  readonly trimmed: readonly number[];
  readonly purged: readonly { stream: string; upTo: number }[];
}

/** Opens a log with no limits but those given; it is closed with the test. */
export type Open = (t: Test, limits?: Partial<Retention>) => Promise<Subject>;

/** What every EventLog must do. Each kind of log runs it under its own name. */
export function contract(name: string, openLog: OpenLog): void {
  const open: Open = async (t, limits) => {
    const clock = createTestClock();
    const log = await openLog(retain(limits), clock);
    t.teardown(() => log.close());
    const committed: StoredEvent[] = [];
    const trimmed: number[] = [];
    const purged: { stream: string; upTo: number }[] = [];
    log.listen({
      committed(events) {
        committed.push(...events);
        return events.length;
      },
      trimmed: (positions) => trimmed.push(...positions),
      purged: (stream, upTo) => purged.push({ stream, upTo }),
    });
    return { log, clock, committed, trimmed, purged };
  };
  t.test(name, async (t) => {
    for (const part of [appending, claiming, reading, trimming, retaining, forgetting]) {
      await t.test(part.name, (t) => part(t, open));
    }
  });
}
