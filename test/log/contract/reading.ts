import type { Test } from 'tap';
import { parseSelection } from '../../../src/events/selection.js';
import { START } from '../../support/clock.js';
import type { Open } from '../contract.js';
import { event, generate, positions, publish, readAll } from './support.js';

export async function reading(t: Test, open: Open): Promise<void> {
  t.test('a selection is read in order: a name, a list, a pattern, both', async (t) => {
    const { log } = await open(t);
    await publish(log, 'a', 'b', 'x.1', 'c', 'x.2.y', 'a', 'x');
    t.same(await positions(log, 'a'), [1, 6]);
    t.same(await positions(log, 'a,b,nothing'), [1, 2, 6]);
    t.same(await positions(log, 'x.*'), [3, 5]);
    t.same(await positions(log, 'c,x.*,x'), [3, 4, 5, 7]);
    t.same(await positions(log, '*'), [1, 2, 3, 4, 5, 6, 7]);
    t.same(await positions(log, '*', 5), [6, 7]);
  });

  t.test('a page holds about the bytes asked for, and at least one event', async (t) => {
    const { log } = await open(t);
    for (let i = 0; i < 10; i++) {
      await log.append([event(i % 2 ? 'a' : 'b', 'x'.repeat(1000))]);
    }
    for (const selection of ['a', 'a,c', '*']) {
      const one = await log.read(parseSelection(selection), 2, 1);
      t.equal(one.events.length, 1);
      t.equal(one.upTo, one.events[0]?.pos);
      const some = await log.read(parseSelection(selection), 0, 4000);
      t.ok(some.events.length >= 2 && some.events.length <= 4, `${some.events.length} events in 4000 bytes`);
    }
    t.equal((await readAll(log, '*', 0, 2000)).length, 10);
  });

  t.test('what a page does not find within a turn is left to the next', async (t) => {
    const { log } = await open(t);
    const others = Array.from({ length: 999 }, () => event('a.b.c.d.e.x'));
    for (let i = 0; i < 7; i++) {
      await log.append([...others, event('a.b.c.d.e.y.1')]);
    }
    const { upTo } = await log.read(parseSelection('a.b.c.d.e.y.*'), 0, 1e6);
    t.ok(upTo > 0 && upTo < 7000, `up to ${upTo}`);
    t.same(await positions(log, 'a.b.c.d.e.y.*'), [1000, 2000, 3000, 4000, 5000, 6000, 7000]);
  });

  t.test('the last page reaches the head, though its events end before it', async (t) => {
    const { log } = await open(t);
    await publish(log, 'a', 'b', 'b');
    const { events, upTo } = await log.read(parseSelection('a'), 0, 4096);
    t.same({ positions: events.map(({ pos }) => pos), upTo }, { positions: [1], upTo: 3 });
    t.same(await log.read(parseSelection('a'), 1, 4096), { events: [], upTo: 3 });
    t.same(await log.read(parseSelection('*'), 3, 4096), { events: [], upTo: 3 });
  });

  t.test('latest states: the newest event of each chosen state stream, newest first', async (t) => {
    const { log } = await open(t);
    await publish(log, 'tasks.a', 'stock', 'tasks.b', 'other', 'tasks.a');
    const states = (selection: string, limit = 100) =>
      [...log.latestStates(parseSelection(selection), limit)].map(({ pos }) => pos);
    t.same(states('*'), [5, 3, 2]);
    t.same(states('tasks.*'), [5, 3]);
    t.same(states('stock,tasks.b,other'), [3, 2]);
    t.same(states('x.*,stock'), [2]);
    t.same(states('other'), []);
    t.same(states('*', 2), [5, 3]);
    t.same(states('stock,tasks.b', 1), [3]);
    await log.purge('tasks.a');
    t.same(states('*'), [3, 2]);
    t.same(states('tasks.a,tasks.b'), [3], 'what was purged has none, also by its name');
    await publish(log, 'tasks.a');
    t.same(states('*'), [6, 3, 2]);
  });

  t.test('latest states up to a position, however many are newer', async (t) => {
    const { log } = await open(t);
    await publish(
      log,
      'tasks.a',
      'tasks.a.b.c.d.e.1',
      'tasks.b',
      ...Array.from({ length: 1200 }, (_, i) => `tasks.${i}`),
    );
    const states = (selection: string, upTo: number, limit = 100) =>
      [...log.latestStates(parseSelection(selection), limit, upTo)].map(({ pos }) => pos);
    for (const selection of ['*', 'tasks.*', 'tasks.a,tasks.b,tasks.a.b.c.d.e.1']) {
      t.same(states(selection, 3), [3, 2, 1], selection);
      t.same(states(selection, 3, 2), [3, 2], selection);
      t.same(states(selection, 1), [1], selection);
      t.same(states(selection, 0), [], selection);
    }
    t.same(states('tasks.a.b.c.d.e.*', 3), [2]);
    t.same(states('*', 700, 3), [700, 699, 698]);
    await publish(log, 'tasks.b');
    t.same(states('*', 3), [2, 1], 'one with a newer event has none there');
  });

  t.test('latest states of patterns, however many parts they have', async (t) => {
    const { log } = await open(t);
    await publish(log, 'tasks.a', 'tasks.a.b', 'tasks.x.1', 'tasks.a.b.c.d.e.1', 'tasks.a.b.c.d.x.1', 'stock');
    const states = (selection: string, limit = 100) =>
      [...log.latestStates(parseSelection(selection), limit)].map(({ pos }) => pos);
    t.same(states('tasks.a.*'), [5, 4, 2]);
    t.same(states('tasks.a.b.c.*'), [5, 4]);
    t.same(states('tasks.a.b.c.d.e.*'), [4]);
    t.same(states('tasks.a.b.c.d.none.*'), []);
    t.same(states('stock,tasks.a.b.c.d.e.*,tasks.x.*'), [6, 4, 3]);
    t.same(states('tasks.a.b.c.d.e.*,tasks.x.*', 1), [4]);
  });

  t.test('streams are listed by name, a page at a time', async (t) => {
    const { log } = await open(t);
    await publish(log, 'b.2', 'a', 'b', 'b.1', 'c', 'B', 'b-');
    const names = (prefix: string, after = '', limit = 100) =>
      log.streams.list(prefix, after, limit).map(({ stream }) => stream);
    t.same(names(''), ['B', 'a', 'b', 'b-', 'b.1', 'b.2', 'c']);
    t.same(names('b'), ['b', 'b-', 'b.1', 'b.2']);
    t.same(names('b.'), ['b.1', 'b.2']);
    t.same(names('', 'b', 2), ['b-', 'b.1']);
    t.same(names('b', 'b.1'), ['b.2']);
    t.same(names('b', 'b', 1), ['b-'], 'a stream whose name is the prefix comes once');
    t.same(names('d'), []);
    t.same(names('b', 'c'), []);
  });

  t.test('a stream is listed with what it holds', async (t) => {
    const { log, clock } = await open(t);
    await publish(log, 'a');
    await clock.advance(1000);
    await publish(log, 'b', 'a');
    const [a] = log.streams.list('a', '', 1);
    t.match(a, { stream: 'a', last: 3, events: 2 });
    t.equal((a?.bytes ?? 0) + (log.streams.list('b', '', 1)[0]?.bytes ?? 0), log.usage().bytes);
    await log.purge('a');
    t.same(log.streams.list('a', '', 10), [{ stream: 'a', last: 3, events: 0, bytes: 0 }]);
  });

  t.test('the time of the oldest event of a stream', async (t) => {
    const { log, clock } = await open(t, { eventsPerStream: 1 });
    await publish(log, 'a', 'b');
    await clock.advance(1000);
    t.equal(log.oldestTime('a'), START);
    await publish(log, 'a');
    t.equal(log.oldestTime('a'), START + 1000, 'of those that are left');
    await log.purge('a');
    t.equal(log.oldestTime('a'), undefined);
    t.equal(log.oldestTime('unknown'), undefined);
    t.equal(log.oldestTime('b'), START);
  });

  t.test('a stream counts as published from the first event that is not generated', async (t) => {
    const { log } = await open(t);
    t.equal(log.streams.isPublished('a'), false);
    await generate(log, 'a', 1);
    t.equal(log.streams.isPublished('a'), false);
    await publish(log, 'a');
    await generate(log, 'a', 1);
    t.equal(log.streams.isPublished('a'), true);
    await log.purge('a');
    t.equal(log.streams.isPublished('a'), true, 'a purge does not change that');
  });

  t.test('usage counts what is kept', async (t) => {
    const { log } = await open(t);
    await publish(log, 'a', 'b', 'a');
    const { events, bytes, streams, trims } = log.usage();
    t.same({ events, streams }, { events: 3, streams: 2 });
    await log.purge('a');
    t.match(log.usage(), { events: 1, bytes: bytes / 3, streams: 2 });
    t.ok(log.usage().trims > trims);
  });
}
