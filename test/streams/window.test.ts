import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import type { StoredEvent } from '../../src/events/event.js';
import { sizeOf } from '../../src/events/event.js';
import { encodeEvent } from '../../src/events/frame.js';
import { parseSelection } from '../../src/events/selection.js';
import { Window } from '../../src/streams/resume/window.js';
import { turn } from '../support/clock.js';
import { createHub } from '../support/hub.js';

function event(pos: number, stream = 'a', text = 'x'): StoredEvent {
  const json = `"${text}"`;
  const bytes = Buffer.byteLength(json);
  return { pos, stream, type: 'message', json, bytes, generated: false, epoch: 'AAAAAAAAAAA', time: 0 };
}

function fill(window: Window, count: number): void {
  for (let pos = 1; pos <= count; pos++) {
    window.push(event(pos, pos % 2 ? 'odd' : 'even'));
  }
}

const all = parseSelection('*');
const read = (window: Window, selection = all) => window.read(selection, 'plain', window.floor, 1e6);

t.test('the oldest events leave when the bytes are used up, and the floor rises to them', async (t) => {
  const window = new Window(5 * sizeOf(event(1)), 0);
  fill(window, 5);
  t.equal(window.floor, 0);
  window.push(event(6));
  t.equal(window.floor, 1);
  t.equal(window.size, 5);
  t.equal(read(window).upTo, 6);
});

t.test('frames count among the bytes', async (t) => {
  const window = new Window(1e6, 0);
  const entry = window.push(event(1));
  const { bytes } = window;
  const frame = window.frame(entry, 'plain');
  t.equal(window.bytes, bytes + frame.length);
  window.frame(entry, 'plain');
  t.equal(window.bytes, bytes + frame.length, 'once');
  window.purge('a', 1);
  t.equal(window.bytes, 0);
});

t.test('the frames of the newest event are within the limit, too, before the next comes', async (t) => {
  const windowBytes = 65_536;
  const hub = createHub({ registry: { windowBytes } });
  hub.watch('a');
  hub.watch('a', { format: 'envelope' });
  for (const size of [40_000, 15_000, 10_000, 20_000]) {
    await hub.bus.publish({ stream: 'a', data: 'x'.repeat(size) });
    const { window } = hub.streams;
    t.ok(window.bytes <= windowBytes || window.size === 1, `${window.bytes} bytes of ${window.size} events`);
  }
});

t.test('the bytes of a long run stay within the limit', async (t) => {
  const limit = 20_000;
  const window = new Window(limit, 0);
  for (let pos = 1; pos < 1000; pos++) {
    const entry = window.push(event(pos, 'a', 'x'.repeat(pos % 200)));
    const frames = window.frame(entry, 'plain').length + window.frame(entry, 'envelope').length;
    if (window.bytes > limit + frames) {
      t.fail(`${window.bytes} bytes at ${pos}`);
    }
  }
  t.ok(window.size > 10);
});

t.test('what leaves is let go of at once, with its frames', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const window = new Window(5 * sizeOf(event(1)), 0);
  const left = Array.from({ length: 50 }, (_, i) => {
    const entry = window.push(event(i + 1));
    return [entry.event, window.frame(entry, 'plain'), window.frame(entry, 'envelope')].map(
      (held) => new WeakRef(held),
    );
  }).slice(0, -window.size);
  // A weak reference holds until the end of its turn.
  await turn();
  collect();
  t.strictSame(
    left.flat().filter((held) => held.deref() !== undefined),
    [],
  );
});

t.test('frames that a replay needs stay within the limit too: the oldest events make room for them', async (t) => {
  const limit = 100 * sizeOf(event(1));
  const window = new Window(limit, 0);
  fill(window, 100);
  let upTo = 0;
  while (upTo < 100) {
    t.ok(upTo >= window.floor, 'what has not been read is still there');
    upTo = window.read(all, 'plain', upTo, 1000).upTo;
    t.ok(window.bytes <= limit, `${window.bytes} bytes`);
  }
  t.ok(window.floor > 0);
  t.equal(read(window).frames.length, window.size);
});

t.test('the newest event stays, even when it alone is too large', async (t) => {
  const window = new Window(1000, 0);
  fill(window, 2);
  window.push(event(3, 'a', 'x'.repeat(5000)));
  t.equal(window.size, 1);
  t.equal(window.floor, 2);
  t.equal(read(window).frames.length, 1);
});

t.test('a window begins at the floor it was given', async (t) => {
  t.equal(new Window(1000, 41).floor, 41);
});

t.test('a page ends before the bytes are passed, with at least one frame', async (t) => {
  const window = new Window(1e6, 0);
  fill(window, 6);
  const frame = encodeEvent(event(1), 'plain').length;
  t.match(window.read(all, 'plain', 0, 2 * frame), { frames: { length: 2 }, upTo: 2, complete: false });
  t.match(window.read(all, 'plain', 0, 1), { frames: { length: 1 }, upTo: 1, complete: false });
  t.match(window.read(all, 'plain', 4, 2 * frame), { frames: { length: 2 }, upTo: 6, complete: true });
  t.match(window.read(parseSelection('odd'), 'plain', 0, 1e6), { frames: { length: 3 }, upTo: 5, complete: true });
  t.match(window.read(parseSelection('none'), 'plain', 2, 1), { frames: { length: 0 }, upTo: 2, complete: true });
});

/** Of a pattern with so many parts there is no list. */
const DEEP = 'a.b.c.d.e';

t.test('a page looks at some events in vain, and leaves the rest of a long search to others', async (t) => {
  const window = new Window(1e9, 0);
  const wanted = [1, 6000, 6001, 19_000];
  for (let pos = 1; pos <= 19_000; pos++) {
    window.push(event(pos, wanted.includes(pos) ? `${DEEP}.y.1` : `${DEEP}.x`));
  }
  const deep = parseSelection(`${DEEP}.y.*,${DEEP}.z.*`);
  const pages = [window.read(deep, 'plain', 0, 1e6)];
  for (let page = pages[0]; page !== undefined && !page.complete; page = pages.at(-1)) {
    pages.push(window.read(deep, 'plain', page.upTo, 1e6));
  }
  t.same(
    pages.map(({ frames, upTo }) => ({ frames: frames.length, upTo })),
    [
      { frames: 1, upTo: 5000 },
      { frames: 2, upTo: 10_000 },
      { frames: 0, upTo: 15_000 },
      { frames: 1, upTo: 19_000 },
    ],
  );
});

t.test('the newest so many are looked for among so many events', async (t) => {
  const window = new Window(1e9, 0);
  for (let pos = 1; pos <= 20_002; pos++) {
    window.push(event(pos, `${DEEP}.${pos <= 2 ? 'y.1' : 'x'}`));
  }
  const deep = parseSelection(`${DEEP}.y.*`);
  t.equal(window.before(deep, 1), undefined, 'the 20,000 newest are others');
  window.push(event(20_003, `${DEEP}.y.1`));
  t.equal(window.before(deep, 2), 20_002, 'what is found until then counts');
  t.equal(window.before(parseSelection(`${DEEP}.*`), 20_003), 0, 'where there is a list, it is no search');
});

t.test('a purge takes a stream up to a position, and leaves the floor where it is', async (t) => {
  const window = new Window(1e6, 0);
  fill(window, 6);
  window.purge('odd', 3);
  t.equal(read(window).frames.length, 4);
  t.equal(read(window, parseSelection('odd')).upTo, 5);
  t.equal(window.floor, 0);
});

t.test('the newest so many of a selection begin after a position', async (t) => {
  const window = new Window(1e6, 0);
  fill(window, 6);
  t.equal(window.before(all, 2), 4);
  t.equal(window.before(parseSelection('odd'), 2), 2);
  t.equal(window.before(parseSelection('odd,even'), 100), 0);
  t.equal(window.before(parseSelection('none'), 2), undefined);
});

t.test('an event is encoded once per format, and every watcher gets the same bytes', async (t) => {
  const hub = createHub();
  const plain = [hub.watch('a'), hub.watch('a'), hub.watch('a,b'), hub.watch('*')];
  const envelope = [hub.watch('a', { format: 'envelope' }), hub.watch('*', { format: 'envelope' })];
  await hub.bus.publish({ stream: 'a', data: 1 });
  await turn();
  for (const watchers of [plain, envelope]) {
    const [first, ...others] = watchers.map(({ sink }) => sink.chunks.at(-1));
    t.ok(first?.includes('\ndata: '));
    t.ok(others.every((chunk) => chunk === first));
  }
});

t.test('the events of a turn go to each watcher in one write', async (t) => {
  const hub = createHub();
  const watchers = [hub.watch('*'), hub.watch('*'), hub.watch('a')];
  const before = watchers.map(({ sink }) => sink.chunks.length);
  await Promise.all(['a', 'b', 'a'].map((stream) => hub.bus.publish({ stream, data: 1 })));
  await hub.bus.publishBatch([
    { stream: 'a', data: 2 },
    { stream: 'b', data: 2 },
  ]);
  await turn();
  t.same(
    watchers.map(({ sink }, i) => sink.chunks.length - (before[i] ?? 0)),
    [1, 1, 1],
  );
  t.same(
    watchers.map(({ events }) => events.length),
    [5, 5, 3],
  );
  t.equal(watchers[0]?.sink.chunks.at(-1), watchers[1]?.sink.chunks.at(-1), 'the same buffer for a cohort');
});
