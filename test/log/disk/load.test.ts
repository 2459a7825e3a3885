import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { parseSelection } from '../../../src/events/selection.js';
import type { CloseReason } from '../../../src/streams/connection.js';
import { StreamRegistry } from '../../../src/streams/registry.js';
import { turn } from '../../support/clock.js';
import { createReader } from '../../support/frames.js';
import { REGISTRY } from '../../support/hub.js';
import { TestSink } from '../../support/test-sink.js';
import { dataOf } from '../../support/watch.js';
import { event } from '../contract/support.js';
import { type OpenedLog, openLog } from './support.js';

const BEHIND = 20_000;
const MAX_STEP = 256;
const WINDOW_BYTES = 65_536;
const LARGE = 'x'.repeat(262_000);

async function fill({ log }: Pick<OpenedLog, 'log'>, count: number): Promise<void> {
  const batch = Array.from({ length: 1000 }, () => event('a', 'x'.repeat(100)));
  for (let i = 0; i < count / batch.length; i++) {
    await log.append(batch);
  }
}

t.test('what a purge leaves to be removed goes in small steps, and appends do not wait for it', async (t) => {
  const opened = await openLog(t, join(t.testdir(), 'data'));
  const { log } = opened;
  await fill(opened, BEHIND);
  await log.purge('a');
  const { commits } = log.usage();
  await log.append([event('b')]);
  t.ok(log.usage().commits - commits <= 2, 'an append is in the next commit');
  await log.idle();
  t.ok(log.usage().commits - commits >= BEHIND / MAX_STEP, `${log.usage().commits - commits} commits`);
  t.equal((await log.read(parseSelection('*'), 0, 1000)).events.length, 1);
});

t.test('the same with what a lower limit at a start leaves to be removed', async (t) => {
  const directory = join(t.testdir(), 'data');
  const first = await openLog(t, directory);
  await fill(first, BEHIND);
  await first.close();
  const { log } = await openLog(t, directory, { limits: { events: 100 } });
  await log.append([event('b')]);
  t.equal(log.usage().commits, 1, 'an append is in the first commit');
  t.ok(log.usage().events > BEHIND - 2 * MAX_STEP);
  await log.idle();
  t.equal(log.usage().events, 100);
  t.ok(log.usage().commits >= (BEHIND - 100) / MAX_STEP, `${log.usage().commits} commits`);
});

t.test('what retention looks at and leaves after a start does not hold up the event loop', async (t) => {
  const directory = join(t.testdir(), 'data');
  const limits = { ageMs: 60_000 };
  const first = await openLog(t, directory, { limits });
  for (let i = 0; i < BEHIND / 1000; i++) {
    await first.log.append(Array.from({ length: 1000 }, (_, j) => event(`tasks.${i}.${j}`)));
  }
  await first.close();
  await first.clock.advance(61_000);
  const { log } = await openLog(t, directory, { clock: first.clock, limits });
  let isIdle = false;
  const idling = log.idle().then(() => {
    isIdle = true;
  });
  let turns = 0;
  for (; !isIdle; turns++) {
    await setImmediate();
  }
  await idling;
  t.match(log.usage(), { events: BEHIND, commits: 0 }, 'latest states stay');
  t.ok(turns > BEHIND / MAX_STEP, `${turns} turns`);
});

t.test('large events that a pattern does not match are passed over a bounded number of bytes at a time', async (t) => {
  const { log } = await openLog(t, join(t.testdir(), 'data'));
  for (let i = 0; i < 5; i++) {
    await log.append(Array.from({ length: 16 }, () => event('b', LARGE)));
  }
  await log.append([event('x.1')]);
  const first = await log.read(parseSelection('x.*'), 0, 1000);
  t.same(first.events, []);
  t.ok(first.upTo > 60 && first.upTo < 70, `up to ${first.upTo}`);
  const { events, upTo } = await log.read(parseSelection('x.*'), first.upTo, 1000);
  t.equal(events.length, 1);
  t.equal(upTo, log.head);
});

t.test('a watcher far behind is served in pages, and joins live without gap or duplicate', async (t) => {
  const opened = await openLog(t, join(t.testdir(), 'data'), { listens: false });
  const { log, clock } = opened;
  const registry = new StreamRegistry(log, { ...REGISTRY, windowBytes: WINDOW_BYTES }, clock);
  const cursor = log.cursorAt(0);
  await fill(opened, BEHIND);
  const ids: string[] = [];
  const reader = createReader(({ id, event }) => {
    if (event === undefined && id !== undefined) {
      ids.push(id);
    }
  });
  let most = 0;
  const sink = new TestSink((chunk) => {
    reader.feed(chunk);
    reader.messages.length = 0;
  });
  const write = sink.write.bind(sink);
  sink.write = (chunk, sent) => {
    write(chunk, sent);
    sink.chunks.length = 0;
    most = Math.max(most, chunk.length);
  };
  registry.subscribe({ selection: parseSelection('a'), format: 'plain', sink, cursor });
  let published = BEHIND;
  for (; published < BEHIND + 200; published++) {
    await log.append([event('a')]);
  }
  while (ids.length < published) {
    await turn();
  }
  t.same(
    ids,
    Array.from({ length: published }, (_, i) => log.cursorAt(i + 1)),
  );
  t.ok(most < 100_000, `at most ${most} bytes at once`);
  t.equal(registry.watchers('a'), 1, 'it is live');
  sink.destroy();
});

t.test('a catch-up that retention overtakes ends so, and its return is told of the gap', async (t) => {
  const opened = await openLog(t, join(t.testdir(), 'data'), { limits: { events: 5000 }, listens: false });
  const { log, clock } = opened;
  const registry = new StreamRegistry(log, { ...REGISTRY, windowBytes: WINDOW_BYTES }, clock);
  await fill(opened, 5000);
  const reader = createReader();
  const sink = new TestSink((chunk) => reader.feed(chunk));
  sink.isFlowing = false;
  let reason: CloseReason | undefined;
  registry.subscribe({
    selection: parseSelection('a'),
    format: 'plain',
    sink,
    cursor: log.cursorAt(0),
    onClose: (summary) => {
      reason = summary.reason;
    },
  });
  await fill(opened, 4000);
  await log.idle();
  for (let i = 0; reason === undefined; i++) {
    t.ok(i < 100);
    sink.drain();
    await turn();
  }
  t.equal(reason, 'overtaken');
  const returned = new TestSink((chunk) => again.feed(chunk));
  const again = createReader();
  registry.subscribe({ selection: parseSelection('a'), format: 'plain', sink: returned, cursor: reader.cursor });
  const { resume, reason: cause, gaps } = dataOf(again.messages[0]);
  t.same({ resume, cause, gaps }, { resume: 'gap', cause: 'trimmed', gaps: ['a'] });
  returned.destroy();
});
