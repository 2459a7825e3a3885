import type { Test } from 'tap';
import { parseSelection } from '../../../src/events/selection.js';
import { GENERATED_STREAMS } from '../../../src/log/retention.js';
import type { Open } from '../contract.js';
import { event, generate, positions, publish } from './support.js';

const refused = { statusCode: 429, code: 'SLUICE_TOO_MANY_STREAMS' };

export async function forgetting(t: Test, open: Open): Promise<void> {
  t.test('one stream too many is refused while all have events', async (t) => {
    const { log } = await open(t, { streams: 2 });
    await publish(log, 'a', 'b');
    await t.rejects(log.append([event('c')]), refused);
    await publish(log, 'a', 'b');
    t.equal(log.head, 4, 'streams that are known go on');
  });

  t.test('a stream without events makes room, and leaves its trim in the floor', async (t) => {
    const { log } = await open(t, { streams: 2 });
    await publish(log, 'x.a', 'b', 'x.a');
    await log.purge('x.a');
    await publish(log, 'c');
    t.same(
      log.streams.list('', '', 10).map(({ stream }) => stream),
      ['b', 'c'],
    );
    t.equal(log.streams.isPublished('x.a'), false);
    const floorAt = (selection: string, pos: number) => log.streams.trimmedAfter(parseSelection(selection), pos).floor;
    for (const selection of ['x.a', 'x.*', '*', 'b,x.a']) {
      t.equal(floorAt(selection, 2), true, `${selection} after 2: no false exact`);
      t.equal(floorAt(selection, 3), false, `${selection} after 3`);
    }
    t.equal(floorAt('b', 0), false, 'b is known to be whole');
  });

  t.test('a forgotten stream that comes back still has its gap', async (t) => {
    const { log } = await open(t, { streams: 1 });
    await publish(log, 'a');
    await log.purge('a');
    await publish(log, 'b');
    await log.purge('b');
    await publish(log, 'a');
    const { count, floor } = log.streams.trimmedAfter(parseSelection('a'), 0);
    t.ok(count > 0 || floor);
    const later = log.streams.trimmedAfter(parseSelection('a'), 2);
    t.same([later.count, later.floor], [0, false]);
  });

  t.test('what was purged and forgotten meanwhile shows, though the floor stood higher before', async (t) => {
    const { log } = await open(t, { streams: 2 });
    await publish(log, 'quiet', 'loud');
    await log.purge('loud');
    await publish(log, 'c');
    const { trims } = log.usage();
    await log.purge('quiet');
    await publish(log, 'd');
    t.equal(log.streams.isPublished('quiet'), false);
    t.equal(log.streams.trimmedSince(parseSelection('quiet'), 0, trims), true);
    t.equal(log.streams.trimmedSince(parseSelection('*'), 0, trims), true);
  });

  t.test('generated streams never count towards the limit', async (t) => {
    const { log } = await open(t, { streams: 1 });
    await generate(log, 'g', 1);
    await generate(log, 'h', 1);
    await publish(log, 'a');
    await t.rejects(log.append([event('g')]), refused);
    t.equal(log.usage().streams, 3);
  });

  t.test('of streams that are only generated the least recently written is forgotten', async (t) => {
    const { log, trimmed } = await open(t);
    for (let i = 0; i < GENERATED_STREAMS; i++) {
      await generate(log, `g${i}`, 1);
    }
    await generate(log, 'g0', 1);
    await generate(log, 'one-more', 1);
    t.equal(log.usage().streams, GENERATED_STREAMS);
    t.same(
      log.streams.list('g1', '', 1).map(({ stream }) => stream),
      ['g10'],
      'g1 was the oldest',
    );
    t.equal(log.streams.list('g0', '', 1)[0]?.events, 2);
    t.equal(log.streams.trimmedAfter(parseSelection('g1'), 1).floor, true);
    t.equal(log.usage().events, GENERATED_STREAMS + 1);
    t.same(trimmed, [2], 'and the listener told of its event');
  });

  t.test('states that have outlived the limits make room, the oldest first', async (t) => {
    const { log, clock, trimmed } = await open(t, { streams: 3, ageMs: 60_000 });
    await publish(log, 'tasks.a', 'tasks.b', 'tasks.c');
    await t.rejects(log.append([event('tasks.d')]), refused, 'none has, so far');
    await clock.advance(62_000);
    t.same(await positions(log), [1, 2, 3], 'they stay while nobody needs the room');
    t.equal(log.streams.isOutlived('tasks.a'), true);
    const { trims } = log.usage();
    await publish(log, 'tasks.a', 'tasks.d');
    t.equal(
      log.streams.trimmedSince(parseSelection('tasks.*'), 0, trims),
      true,
      'a catch-up under way is not told otherwise',
    );
    t.same(await positions(log), [3, 4, 5], 'a newer state is none that has outlived them');
    t.same(trimmed, [1, 2]);
    t.equal(log.streams.trimmedAfter(parseSelection('tasks.*'), 1).floor, true);
    t.equal(log.streams.trimmedAfter(parseSelection('tasks.*'), 2).floor, false);
    await t.rejects(log.append(['tasks.e', 'tasks.f'].map((name) => event(name))), refused, 'there is room for one');
    await publish(log, 'tasks.e');
    await t.rejects(log.append([event('tasks.f')]), refused);
    t.match(log.usage(), { events: 3, streams: 3 });
  });

  t.test('states alone outlive a limit of events or bytes, too', async (t) => {
    const fill = async ({ log, clock }: Awaited<ReturnType<Open>>) => {
      await publish(log, 'tasks.1', 'tasks.2', 'tasks.3', 'tasks.4', 'tasks.5');
      await clock.advance(1000);
      await log.idle();
      await publish(log, 'tasks.6', 'tasks.7', 'tasks.8');
      t.same(await positions(log), [4, 5, 6, 7, 8]);
      return log.usage().bytes / 5;
    };
    const bytesOfOne = await fill(await open(t, { streams: 5, events: 2 }));
    await fill(await open(t, { streams: 5, bytes: 3 * bytesOfOne }));
  });

  t.test('an outlived state that is purged makes room once', async (t) => {
    const { log, clock } = await open(t, { streams: 2, ageMs: 60_000 });
    await publish(log, 'tasks.a');
    await clock.advance(62_000);
    await log.idle();
    await log.purge('tasks.a');
    await t.rejects(log.append(['b', 'c', 'd'].map((name) => event(name))), refused);
    await publish(log, 'b', 'c');
    await t.rejects(log.append([event('d')]), refused);
    t.match(log.usage(), { events: 2, streams: 2 });
  });

  t.test('a state that gave way may come back, be replaced and outlive the limits again', async (t) => {
    const { log, clock } = await open(t, { streams: 1, ageMs: 60_000 });
    const age = async () => {
      await clock.advance(62_000);
      await log.idle();
    };
    await publish(log, 'tasks.a');
    await age();
    await publish(log, 'tasks.b');
    await age();
    await publish(log, 'tasks.a', 'tasks.a');
    await age();
    t.same(await positions(log), [4]);
    t.match(log.usage(), { events: 1, streams: 1 });
    await publish(log, 'tasks.b');
    t.same(await positions(log), [5]);
    t.equal(log.usage().bytes, log.streams.list('', '', 1)[0]?.bytes);
  });

  t.test('streams without events are forgotten before states', async (t) => {
    const { log, clock } = await open(t, { streams: 2, ageMs: 60_000 });
    await publish(log, 'tasks.a');
    await clock.advance(62_000);
    await publish(log, 'b');
    await log.purge('b');
    await publish(log, 'c');
    t.same(await positions(log), [1, 3]);
  });

  t.test('a state outlives a limit of events, too; a newer one counts again', async (t) => {
    const { log } = await open(t, { streams: 3, events: 2 });
    await publish(log, 'tasks.a', 'x', 'x', 'x');
    t.equal(log.streams.isOutlived('tasks.a'), true);
    await log.purge('tasks.a');
    t.equal(log.streams.trimmedAfter(parseSelection('tasks.a'), 0).count, 1);
    await publish(log, 'tasks.a');
    t.equal(log.streams.isOutlived('tasks.a'), false);
  });
}
