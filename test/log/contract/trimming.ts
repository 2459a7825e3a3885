import type { Test } from 'tap';
import { parseSelection } from '../../../src/events/selection.js';
import type { EventLog } from '../../../src/log/event-log.js';
import { GENERATED_PER_STREAM } from '../../../src/log/retention.js';
import type { Open } from '../contract.js';
import { event, generate, positions, publish } from './support.js';

const trimmed = (log: EventLog, selection: string, pos: number) =>
  log.streams.trimmedAfter(parseSelection(selection), pos);
const nothing = { count: 0, streams: [], floor: false };

export async function trimming(t: Test, open: Open): Promise<void> {
  t.test('a purge removes a stream and nothing else, and tells the listener', async (t) => {
    const { log, purged } = await open(t);
    await publish(log, 'a', 'b', 'a', 'b');
    t.equal(await log.purge('a'), 2);
    t.same(await positions(log), [2, 4]);
    t.same(
      purged.map(({ stream }) => stream),
      ['a'],
    );
    t.ok((purged[0]?.upTo ?? 0) >= 3);
    t.equal(await log.purge('a'), 0);
    t.equal(await log.purge('unknown'), 0);
    await publish(log, 'a');
    t.same(await positions(log, 'a'), [5], 'and it can be published to again');
  });

  t.test('a trim is told to whoever wanted it and is before it', async (t) => {
    const { log } = await open(t);
    await publish(log, 'x.a', 'b', 'x.a', 'b');
    await log.purge('x.a');
    for (const selection of ['x.a', 'x.a,b', 'x.*', '*', 'b,x.*']) {
      t.same(trimmed(log, selection, 2), { count: 1, streams: ['x.a'], floor: false }, `${selection} after 2`);
      t.same(trimmed(log, selection, 3), nothing, `${selection} after 3`);
    }
    for (const selection of ['b', 'x', 'y.*', 'x.a.*', 'unknown']) {
      t.same(trimmed(log, selection, 0), nothing, `${selection} never wanted it`);
    }
  });

  t.test('a quiet stream survives a busy neighbour', async (t) => {
    const { log } = await open(t, { eventsPerStream: 2 });
    await publish(log, 'quiet', 'busy', 'busy', 'busy', 'busy');
    t.same(trimmed(log, 'quiet', 0), nothing);
    t.same(trimmed(log, '*', 0), { count: 1, streams: ['busy'], floor: false });
    t.same(trimmed(log, '*', 3), nothing);
  });

  t.test('a hundred streams are named, the latest trimmed first, and all are counted', async (t) => {
    const { log } = await open(t);
    const names = Array.from({ length: 120 }, (_, i) => `n.${i}`);
    await log.append(names.map((name) => event(name)));
    await Promise.all(names.map((name) => log.purge(name)));
    const { count, streams } = trimmed(log, 'n.*', 0);
    t.equal(count, 120);
    t.same(streams, names.slice(20).reverse());
    t.equal(trimmed(log, 'n.*', 50).count, 70);
    await publish(log, 'm');
    await log.purge('m');
    const both = trimmed(log, 'm,n.*', 0);
    t.match(both, { count: 121, streams: ['m', 'n.119'] });
    t.equal(both.streams.length, 100, 'of names and patterns together');
  });

  t.test('a list of names names them too', async (t) => {
    const { log } = await open(t);
    await publish(log, 'a', 'b', 'c');
    await log.purge('a');
    await log.purge('c');
    const { count, streams } = trimmed(log, 'a,b,c', 0);
    t.equal(count, 2);
    t.same([...streams].sort(), ['a', 'c']);
  });

  t.test('trimmedSince tells only of what was trimmed meanwhile', async (t) => {
    const { log } = await open(t);
    await publish(log, 'x.a', 'b', 'x.c', 'b');
    await log.purge('x.a');
    const { trims } = log.usage();
    const since = (selection: string, pos: number) => log.streams.trimmedSince(parseSelection(selection), pos, trims);
    t.equal(since('*', 0), false, 'the trim before does not count');
    await log.purge('b');
    for (const selection of ['b', 'b,x.a', '*', 'b,x.*']) {
      t.equal(since(selection, 3), true, selection);
      t.equal(since(selection, 4), false, `${selection}, already past it`);
    }
    for (const selection of ['x.a', 'x.*', 'unknown']) {
      t.equal(since(selection, 0), false, `${selection} does not want it`);
    }
    await log.purge('x.c');
    t.equal(since('x.*', 1), true);
  });
  t.test('an older event that goes after a newer one of its stream takes nothing back', async (t) => {
    const { log } = await open(t, { events: 1 });
    await publish(log, 'a');
    await generate(log, 'a', GENERATED_PER_STREAM + 1);
    t.equal(trimmed(log, 'a', 1).count, 1, 'a generated one has gone');
    await publish(log, 'x', 'x');
    t.equal((await positions(log))[0], 3, 'and now the one before it');
    t.equal(trimmed(log, 'a', 1).count, 1);
  });
}
