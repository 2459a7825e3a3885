import type { Test } from 'tap';
import { parseSelection } from '../../../src/events/selection.js';
import type { EventLog } from '../../../src/log/event-log.js';
import { GENERATED_PER_STREAM } from '../../../src/log/retention.js';
import type { Open } from '../contract.js';
import { event, generate, positions, publish } from './support.js';

export async function retaining(t: Test, open: Open): Promise<void> {
  t.test('by count: the oldest go first, of whatever stream', async (t) => {
    const { log } = await open(t, { events: 3 });
    await publish(log, 'a', 'b', 'a', 'b', 'b');
    t.same(await positions(log), [3, 4, 5]);
    t.same(log.streams.trimmedAfter(parseSelection('a'), 0), { count: 1, streams: ['a'], floor: false });
    t.same(log.streams.trimmedAfter(parseSelection('a'), 1), { count: 0, streams: [], floor: false });
    t.match(log.usage(), { events: 3 });
  });

  t.test('by bytes', async (t) => {
    const one = await bytesOfOne(t, open);
    const { log } = await open(t, { bytes: 3 * one });
    await publish(log, 'a', 'b', 'a', 'b');
    t.same(await positions(log), [2, 3, 4]);
    await log.append([event('c', 'x'.repeat(2 * one))]);
    t.same(await positions(log), [5], 'a large one takes the room of many');
  });

  t.test('by events of one stream', async (t) => {
    const { log } = await open(t, { eventsPerStream: 2 });
    await publish(log, 'a', 'b', 'a', 'a', 'a');
    t.same(await positions(log), [2, 4, 5]);
  });

  t.test('by age, without anything being published', async (t) => {
    const { log, clock } = await open(t, { ageMs: 60_000 });
    await publish(log, 'a');
    await clock.advance(30_000);
    await publish(log, 'b');
    await clock.advance(29_000);
    t.same(await positions(log), [1, 2]);
    await clock.advance(3000);
    t.same(await positions(log), [2]);
    t.same(log.streams.trimmedAfter(parseSelection('*'), 0), { count: 1, streams: ['a'], floor: false });
    await clock.advance(30_000);
    t.same(await positions(log), []);
  });

  t.test('a batch larger than the limit leaves its end', async (t) => {
    const { log, committed } = await open(t, { events: 2 });
    await log.append(['a', 'b', 'c', 'd'].map((stream) => event(stream)));
    t.equal(committed.length, 4, 'all were published');
    t.same(await positions(log), [3, 4]);
  });

  t.test('of generated events the newest 100 of each stream are kept', async (t) => {
    const { log } = await open(t);
    await generate(log, 'g', GENERATED_PER_STREAM + 3);
    await generate(log, 'h', 1);
    t.equal((await positions(log, 'g')).length, GENERATED_PER_STREAM);
    t.same((await positions(log, 'g'))[0], 4);
    t.same(log.streams.trimmedAfter(parseSelection('*'), 0), { count: 1, streams: ['g'], floor: false });
  });

  t.test('generated events push out no real ones, nor real ones them', async (t) => {
    const { log } = await open(t, { events: 2, bytes: 3 * (await bytesOfOne(t, open)), eventsPerStream: 2 });
    await publish(log, 'a', 'a');
    await generate(log, 'a', 50);
    await generate(log, 'g', 50);
    t.same((await positions(log, 'a')).slice(0, 2), [1, 2]);
    await publish(log, 'a', 'b');
    t.equal((await positions(log, 'g')).length, 50);
    t.same((await positions(log)).slice(0, 1), [3], 'the two oldest real ones gave way to the two newest');
  });

  t.test('a state stream keeps its newest event, whatever the limits', async (t) => {
    const { log, clock } = await open(t, { events: 2, ageMs: 60_000 });
    await publish(log, 'tasks.a', 'x', 'x', 'x', 'x');
    t.same(await positions(log), [1, 4, 5]);
    await clock.advance(62_000);
    t.same(await positions(log), [1]);
    t.same(
      [...log.latestStates(parseSelection('tasks.*'), 100)].map(({ pos }) => pos),
      [1],
    );
    await publish(log, 'tasks.a', 'x', 'x');
    t.same(await positions(log), [6, 7, 8], 'a superseded state is an event like any other');
  });

  t.test('a state that has been replaced goes before what is newer, and by its age', async (t) => {
    const { log } = await open(t, { events: 2 });
    await publish(log, 'tasks.a', 'x', 'x', 'tasks.a', 'x');
    t.notOk((await positions(log)).includes(1), 'it was the oldest');
    const later = await open(t, { ageMs: 60_000 });
    await publish(later.log, 'tasks.a');
    await later.clock.advance(50_000);
    await publish(later.log, 'x');
    await later.clock.advance(30_000);
    await publish(later.log, 'tasks.a');
    await later.clock.advance(1000);
    t.same(await positions(later.log), [2, 3]);
  });

  t.test('states that outlive a limit of bytes and are replaced do not change what it holds', async (t) => {
    const one = await bytesOfOne(t, open);
    const { log } = await open(t, { bytes: 3 * one });
    for (let turn = 0; turn < 5; turn++) {
      await publish(log, 'tasks.a', 'x', 'x', 'x', 'x');
    }
    t.same(await positions(log, 'x'), [23, 24, 25]);
    t.ok(log.usage().events <= 4, 'and at most the state beside them');
  });

  t.test('a generated event takes the place of a state, too', async (t) => {
    const { log } = await open(t, { events: 2 });
    await publish(log, 'tasks.a');
    await generate(log, 'tasks.a', 1);
    await publish(log, 'x', 'x', 'x');
    t.same(await positions(log), [2, 4, 5]);
  });

  t.test('states that have outlived the limits have as many bytes of their own; of more the oldest go', async (t) => {
    const one = await bytesOfOne(t, open, 'tasks.1');
    const { log, trimmed } = await open(t, { bytes: 2 * one });
    await publish(log, ...tasks(1, 7));
    t.same(await positions(log), [4, 5, 6, 7], 'two that count, and two that have outlived them');
    t.same(states(log, 'tasks.*'), [7, 6, 5, 4]);
    t.same(states(log, 'tasks.3'), []);
    t.equal(log.usage().bytes, 4 * one);
    t.same(trimmed, [1, 2, 3]);
    const { count, floor } = log.streams.trimmedAfter(parseSelection('tasks.*'), 2);
    t.same({ count, floor }, { count: 1, floor: false }, 'it is told like any trim');
    t.same([log.streams.isOutlived('tasks.3'), log.streams.isOutlived('tasks.4')], [false, true]);
  });

  t.test('a state that is larger than the limit goes like any event', async (t) => {
    const one = await bytesOfOne(t, open, 'tasks.1');
    const { log, committed } = await open(t, { bytes: 2 * one });
    await publish(log, 'tasks.1', 'tasks.2');
    await log.append([event('tasks.3', 'x'.repeat(2 * one))]);
    t.equal(committed.length, 3);
    t.same(await positions(log), []);
    t.equal(log.streams.isOutlived('tasks.3'), false, 'it holds nothing, which makes room only once');
    await publish(log, ...tasks(4, 8));
    t.same(await positions(log), [5, 6, 7, 8]);
  });

  t.test('states that are replaced, purged or forgotten give back the bytes they took', async (t) => {
    const one = await bytesOfOne(t, open, 'tasks.1');
    const { log } = await open(t, { bytes: 2 * one, streams: 6 });
    for (let head = 0; head < 60; head += 10) {
      await publish(log, ...tasks(1, 4));
      await publish(log, 'tasks.1');
      t.same(
        await positions(log),
        [2, 3, 4, 5].map((pos) => head + pos),
        'replaced',
      );
      await log.purge('tasks.2');
      await publish(log, 'tasks.5');
      t.same(
        await positions(log),
        [3, 4, 5, 6].map((pos) => head + pos),
        'purged',
      );
      await publish(log, ...tasks(6, 9));
      t.same(
        await positions(log),
        [7, 8, 9, 10].map((pos) => head + pos),
        'gone by bytes, and forgotten',
      );
      await Promise.all(tasks(1, 9).map((stream) => log.purge(stream)));
      t.match(log.usage(), { events: 0, bytes: 0 });
    }
  });

  t.test('states give way to streams and to bytes alike', async (t) => {
    const one = await bytesOfOne(t, open, 'tasks.1');
    const { log } = await open(t, { bytes: 2 * one, streams: 4 });
    for (let round = 0; round < 5; round++) {
      for (const stream of tasks(1, 9)) {
        await publish(log, stream);
      }
      t.same(
        await positions(log),
        [6, 7, 8, 9].map((pos) => 9 * round + pos),
      );
      t.match(log.usage(), { events: 4, bytes: 4 * one, streams: 4 });
    }
    await t.rejects(log.append(['a', 'b', 'c'].map((name) => event(name))), {
      code: 'SLUICE_TOO_MANY_STREAMS',
      statusCode: 429,
    });
    await publish(log, 'a', 'b');
    t.same(await positions(log), [44, 45, 46, 47], 'two held their places');
  });

  t.test('of a stream whose state went, older events of a generator are no state', async (t) => {
    const one = await bytesOfOne(t, open, 'tasks.1');
    const { log } = await open(t, { bytes: 2 * one });
    await generate(log, 'tasks.0', 1);
    await publish(log, 'tasks.0', ...tasks(1, 4));
    t.same(await positions(log), [1, 3, 4, 5, 6]);
    t.same(states(log, 'tasks.*'), [6, 5, 4, 3]);
    t.same(states(log, 'tasks.0'), []);
    await generate(log, 'tasks.0', 1);
    t.same(states(log, 'tasks.0'), [7]);
  });

  t.test('the listener is told of what goes: what is left of what it had is what the log has', async (t) => {
    const { log, clock, committed, trimmed } = await open(t, { events: 6, eventsPerStream: 2, ageMs: 60_000 });
    const left = () => committed.map(({ pos }) => pos).filter((pos) => !trimmed.includes(pos));
    await publish(log, 'tasks.a', 'a', 'a', 'tasks.a', 'a', 'b', 'c', 'd', 'a', 'e');
    await generate(log, 'g', GENERATED_PER_STREAM + 2);
    t.same(await positions(log), left());
    t.equal(new Set(trimmed).size, trimmed.length, 'once each');
    await clock.advance(62_000);
    t.same(await positions(log), left());
    t.same(await positions(log, 'a'), []);
  });
}

/** What the log counts for one small event. */
async function bytesOfOne(t: Test, open: Open, stream = 'a'): Promise<number> {
  const { log } = await open(t);
  await publish(log, stream);
  return log.usage().bytes;
}

/** Names of tasks that are equally long. */
function tasks(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => `tasks.${from + i}`);
}

/** Positions of the current states, newest first. */
function states(log: EventLog, selection: string): number[] {
  return [...log.latestStates(parseSelection(selection), 100)].map(({ pos }) => pos);
}
