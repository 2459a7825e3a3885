import t from 'tap';
import { EventBus } from '../../src/bus/event-bus.js';
import { parseSelection } from '../../src/events/selection.js';
import { MemoryLog } from '../../src/log/memory/memory-log.js';
import { createTestClock } from '../support/clock.js';
import { createHub, retain } from '../support/hub.js';

function createBus() {
  const log = new MemoryLog(retain(), createTestClock());
  return { log, bus: new EventBus(log, { maxEventBytes: 10, maxBatchEvents: 3, maxStreamsPerPrincipal: 0 }) };
}

t.test('a publisher is told what the log made of the event', async (t) => {
  const { log, bus } = createBus();
  t.same(await bus.publish({ stream: 'a', data: 1 }), {
    id: log.cursorAt(1),
    stream: 'a',
    type: 'message',
    time: '2026-01-01T00:00:00.000Z',
    subscribers: 0,
  });
  t.match(await bus.publish({ stream: 'b', type: 'note', data: null }), { id: log.cursorAt(2), type: 'note' });
});

t.test('an event that is none is not stored', async (t) => {
  const { log, bus } = createBus();
  await t.rejects(bus.publish({ stream: 'a b', data: 1 }), { statusCode: 400, code: 'SLUICE_INVALID_STREAM' });
  await t.rejects(bus.publish({ stream: 'a', data: 'x'.repeat(11) }), {
    statusCode: 413,
    code: 'SLUICE_EVENT_TOO_LARGE',
  });
  t.equal(log.head, 0);
});

t.test('the events of a batch get consecutive positions in their order', async (t) => {
  const { log, bus } = createBus();
  await bus.publish({ stream: 'a', data: 1 });
  const { ids } = await bus.publishBatch(['b', 'a', 'b'].map((stream) => ({ stream, data: 1 })));
  t.same(
    ids,
    [2, 3, 4].map((pos) => log.cursorAt(pos)),
  );
});

t.test('a batch with one bad event is refused as a whole, naming its place', async (t) => {
  const { log, bus } = createBus();
  const good = { stream: 'a', data: 1 };
  await t.rejects(bus.publishBatch([good, { stream: '', data: 1 }, { stream: '', data: 1 }]), {
    statusCode: 400,
    code: 'SLUICE_INVALID_STREAM',
    message: /^event 1: /,
  });
  await t.rejects(bus.publishBatch([good, good, { stream: 'a', data: 'x'.repeat(11) }]), {
    statusCode: 413,
    message: /^event 2: /,
  });
  t.equal(log.head, 0);
});

t.test('a batch has one event at least, and no more than allowed', async (t) => {
  const { log, bus } = createBus();
  await t.rejects(bus.publishBatch([]), { statusCode: 400, code: 'SLUICE_EMPTY_BATCH' });
  const events = Array.from({ length: 4 }, () => ({ stream: 'a', data: 1 }));
  await t.rejects(bus.publishBatch(events), {
    statusCode: 413,
    code: 'SLUICE_BATCH_TOO_LARGE',
    message: /4 events.*3/,
  });
  t.equal(log.head, 0);
});

t.test('an error that is no verdict on the event goes through as it is', async (t) => {
  const { bus } = createBus();
  const broken = {
    stream: 'a',
    get data(): never {
      throw new RangeError('not mine');
    },
  };
  await t.rejects(bus.publishBatch([broken]), { name: 'RangeError', message: 'not mine' });
});

t.test('generated events are kept apart from published ones', async (t) => {
  const { log, bus } = createBus();
  await bus.generate({ stream: 'a', data: 1 });
  t.equal(log.streams.isPublished('a'), false);
  await bus.publish({ stream: 'a', data: 1 });
  t.equal(log.streams.isPublished('a'), true);
  const { events } = await log.read(parseSelection('a'), 0, 1000);
  t.same(
    events.map((event) => event.generated),
    [true, false],
  );
});

t.test('a purge tells how many events it removed; those who are behind have a gap', async (t) => {
  const { bus, log, watch } = createHub();
  await bus.publishBatch(['a', 'b', 'a'].map((stream) => ({ stream, data: 1 })));
  t.equal(await bus.purge('a'), 2);
  t.equal(await bus.purge('a'), 0);
  await t.rejects(bus.purge('a b'), { statusCode: 400, code: 'SLUICE_INVALID_STREAM' });
  const behind = watch('*', { cursor: log.cursorAt(0) });
  t.same(behind.verdict, { resume: 'gap', reason: 'trimmed', gaps: ['a'], gapCount: 1 });
  t.same(
    behind.events.map(({ id }) => id),
    [log.cursorAt(2)],
    'what was purged does not come back from memory',
  );
});

t.test('many publishers at once: the order of the log is the order of the watchers', async (t) => {
  const { bus, log, watch } = createHub();
  const watcher = watch('*');
  const published = await Promise.all(
    Array.from({ length: 100 }, (_, i) => bus.publish({ stream: `s${i % 7}`, data: i })),
  );
  await new Promise(setImmediate);
  t.same(
    watcher.events.map(({ id, data }) => [id, Number(data)]),
    published.map(({ id }, i) => [id, i]),
  );
  t.equal(log.head, 100);
});
