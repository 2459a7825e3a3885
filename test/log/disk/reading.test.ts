import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { parseSelection } from '../../../src/events/selection.js';
import { event } from '../contract/support.js';
import { openLog } from './support.js';

const APPENDS = 200;

t.test('a read meets the state that memory knows, whatever is being committed', async (t) => {
  const { log, clock } = await openLog(t, `${t.testdir()}/data`, { limits: { eventsPerStream: 1 } });
  const everything = parseSelection('*');
  let reads = 0;
  for (let i = 0; i < APPENDS; i++) {
    let isStored = false;
    const appending = log.append([event('tasks.a')]).then(() => {
      isStored = true;
    });
    while (!isStored) {
      const page = log.read(everything, 0, 1_000_000);
      const { events: count } = log.usage();
      const { events, upTo } = await page;
      if (events.length !== count || (events.at(-1)?.pos ?? 0) !== upTo) {
        t.fail(`${count} events up to ${upTo}`, { found: events.map(({ pos }) => pos) });
      }
      if (count > 0) {
        t.equal([...log.latestStates(everything, 1)].length, 1);
      }
      reads++;
      await setImmediate();
    }
    await appending;
    await clock.advance(1000);
  }
  t.ok(reads > APPENDS, `${reads} reads`);
  const { trims } = log.usage();
  t.ok(trims > APPENDS / 2, `${trims} trims`);
});

t.test('one busy stream among many names that are quiet is read in as few pages as alone', async (t) => {
  const { log } = await openLog(t, `${t.testdir()}/data`);
  const names = Array.from({ length: 100 }, (_, n) => `s${n}`);
  await log.append(names.map((name) => event(name)));
  await log.append(Array.from({ length: 10_000 }, () => event('s0')));
  await log.append(names.map((name) => event(name)));
  const selection = parseSelection(names.join());
  const found: number[] = [];
  let pages = 0;
  for (let pos = 0; pos < log.head; pages++) {
    const { events, upTo } = await log.read(selection, pos, 10_000_000);
    found.push(...events.map((each) => each.pos));
    pos = upTo;
  }
  t.strictSame(
    found,
    Array.from({ length: log.head }, (_, n) => n + 1),
  );
  t.ok(pages < 10, `${pages} pages`);
});
