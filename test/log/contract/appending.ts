import type { Test } from 'tap';
import { parseCursor } from '../../../src/events/cursor.js';
import { START } from '../../support/clock.js';
import type { Open } from '../contract.js';
import { event, positions, publish } from './support.js';

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

export async function appending(t: Test, open: Open): Promise<void> {
  t.test('an empty log has head 0 and nothing in it', async (t) => {
    const { log } = await open(t);
    t.equal(log.head, 0);
    t.same(await positions(log), []);
    t.match(log.usage(), { events: 0, bytes: 0, streams: 0 });
  });

  t.test('it has one listener', async (t) => {
    const { log, committed } = await open(t);
    t.throws(() => log.listen({ committed: () => 0, trimmed: () => {}, purged: () => {} }), /has its one listener/);
    await publish(log, 'a');
    t.equal(committed.length, 1);
  });

  t.test('positions count 1, 2, 3 across all streams', async (t) => {
    const { log } = await open(t);
    await publish(log, 'a', 'b', 'a');
    t.equal(log.head, 3);
    t.same(await positions(log, 'a'), [1, 3]);
    t.same(await positions(log, 'b'), [2]);
  });

  t.test('an event is stored as it was given, with position, epoch and time', async (t) => {
    const { log, clock } = await open(t);
    await clock.advance(1234);
    const { events } = await log.append([
      { stream: 'a', type: 'böse', json: '{"é":"\\n"}', bytes: 11, generated: true },
    ]);
    const stored = { stream: 'a', type: 'böse', json: '{"é":"\\n"}', bytes: 11, generated: true };
    t.same(events, [{ ...stored, pos: 1, epoch: log.epoch, time: START + 1234 }]);
  });

  t.test('appends at the same time each stay in one piece, in the order they were called', async (t) => {
    const { log, committed } = await open(t);
    const batches = [3, 1, 5, 2].map((size, batch) => range(1, size).map((i) => event('a', `${batch}.${i}`)));
    const appended = await Promise.all(batches.map((batch) => log.append(batch)));
    t.same(
      appended.map(({ events }) => events.map(({ pos }) => pos)),
      [range(1, 3), [4], range(5, 9), range(10, 11)],
    );
    t.same(
      committed.map(({ json }) => json),
      batches.flat().map(({ json }) => json),
    );
  });

  t.test('the listener has the events, in order, before append resolves', async (t) => {
    const { log, committed } = await open(t);
    const appends = range(1, 20).map(async (i) => {
      const { events } = await log.append([event(`s${i}`), event('other')]);
      t.ok(events.every(({ pos }) => committed[pos - 1]?.pos === pos && log.head >= pos));
    });
    await Promise.all(appends);
    t.same(
      committed.map(({ pos }) => pos),
      range(1, 40),
    );
  });

  t.test('what the listener answers goes back to the publisher', async (t) => {
    const { log } = await open(t);
    const { reached } = await log.append([event('a'), event('b'), event('c')]);
    t.equal(reached, 3);
  });

  t.test('a refused batch leaves nothing behind', async (t) => {
    const { log, committed } = await open(t, { streams: 2 });
    await publish(log, 'a');
    const { events, bytes, streams } = log.usage();
    await t.rejects(log.append([event('a'), event('b'), event('c')]), {
      statusCode: 429,
      code: 'SLUICE_TOO_MANY_STREAMS',
    });
    t.equal(log.head, 1);
    t.equal(committed.length, 1);
    t.match(log.usage(), { events, bytes, streams });
    t.same(await positions(log), [1]);
    await publish(log, 'b');
    t.equal(log.head, 2, 'a refused batch uses up no position');
  });

  t.test('a cursor lies inside, ahead, or in no known epoch', async (t) => {
    const { log } = await open(t);
    await publish(log, 'a', 'a');
    const { epoch } = log;
    t.equal(log.locate({ epoch, pos: 0 }), 'inside');
    t.equal(log.locate({ epoch, pos: 2 }), 'inside');
    t.equal(log.locate({ epoch, pos: 3 }), 'ahead');
    t.equal(log.locate({ epoch: 'AAAAAAAAAAA', pos: 1 }), 'epoch');
  });

  t.test('the cursor of a position leads back to it', async (t) => {
    const { log } = await open(t);
    await publish(log, 'a', 'a');
    for (const pos of [0, 1, 2]) {
      t.same(parseCursor(log.cursorAt(pos)), { epoch: log.epoch, pos });
    }
  });

  t.test('nothing is lost in a log that was not damaged', async (t) => {
    const { log } = await open(t);
    await publish(log, 'a', 'a');
    t.equal(log.lostAfter(0), false);
  });
}
