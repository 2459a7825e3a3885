import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { StoredEvent } from '../../src/events/event.js';
import { matches, parseSelection } from '../../src/events/selection.js';
import { Sequence } from '../../src/log/sequence.js';
import { type EventEntry, Timeline } from '../../src/log/timeline.js';

/** More parts than there are lists for. */
const DEEP = 'x.1.2.3.4.5.6';
const STREAMS = ['a', 'b', 'x', 'x.1', 'x.1.y', 'x.2', `${DEEP}.a`, `${DEEP}.b.c`, 'x.1.2.3.4.5.7'];
const SELECTIONS = [
  'a',
  'none',
  'a,b,none',
  'x.*',
  'x.1.*,a',
  '*',
  'x.*,x',
  'a,b,x,x.1,x.2',
  `${DEEP}.*`,
  `${DEEP}.b.*,a`,
  `${DEEP}.b.*,${DEEP}.a`,
  'x.1.2.3.4.5.*',
];

function entry(pos: number, stream: string): EventEntry {
  const event: StoredEvent = {
    pos,
    stream,
    type: 'message',
    json: '1',
    bytes: 1,
    generated: false,
    epoch: 'e',
    time: 0,
  };
  return { event, gone: false };
}

const positions = (entries: Iterable<EventEntry>) => Array.from(entries, ({ event }) => event.pos);

/** Entries with gaps between their positions, and which of them are removed, in any order. */
const histories = fc
  .array(fc.tuple(fc.constantFrom(...STREAMS), fc.integer({ min: 1, max: 3 })), { maxLength: 300, size: 'max' })
  .chain((parts) => {
    let pos = 0;
    const entries = parts.map(([stream, step]) => {
      pos += step;
      return entry(pos, stream);
    });
    return fc.tuple(fc.constant(entries), fc.shuffledSubarray(entries), fc.nat(pos + 2), fc.nat(pos + 2));
  })
  .map(([entries, removed, pos, upTo]) => ({
    // Fresh ones for each run: shrinking runs the property on the same values again.
    entries: entries.map(({ event }) => entry(event.pos, event.stream)),
    removed: removed.map(({ event }) => event.pos),
    pos,
    upTo,
  }));

t.test('a timeline gives each selection what a filter over a plain list would', async () => {
  fc.assert(
    fc.property(histories, ({ entries, removed, pos, upTo }) => {
      const timeline = new Timeline<EventEntry>();
      for (const entry of entries) {
        timeline.push(entry);
      }
      const byPos = new Map(entries.map((entry) => [entry.event.pos, entry]));
      for (const entry of removed.flatMap((pos) => byPos.get(pos) ?? [])) {
        timeline.remove(entry);
      }
      const left = entries.filter(({ event }) => !removed.includes(event.pos));
      assert.equal(timeline.size, left.length);
      assert.equal(timeline.first(), left[0]);
      for (const selection of SELECTIONS.map(parseSelection)) {
        const wanted = left.filter(({ event }) => matches(selection, event.stream));
        const newer = wanted.filter(({ event }) => event.pos > pos);
        const between = newer.filter(({ event }) => event.pos <= upTo);
        assert.deepEqual(positions(timeline.after(selection, pos, upTo)), positions(between));
        assert.deepEqual(positions(timeline.backwards(selection, pos)), positions(newer).reverse());
      }
      for (const stream of STREAMS) {
        const own = left.filter(({ event }) => event.stream === stream);
        assert.equal(timeline.firstOf(stream), own[0]);
        assert.deepEqual(
          timeline.upTo(stream, pos),
          own.filter(({ event }) => event.pos <= pos),
        );
      }
    }),
    { seed: 1, numRuns: 100 },
  );
});

/** Entries of two streams under one list, of which few are of the first. */
function search(count: number): Timeline<EventEntry> {
  const timeline = new Timeline<EventEntry>();
  for (let pos = 1; pos <= count; pos++) {
    timeline.push(entry(2 * pos, pos % 1000 === 0 ? `${DEEP}.a` : `${DEEP}.b`));
  }
  return timeline;
}

t.test('a page may go to the end, unless a pattern is longer than there is a list for', async (t) => {
  const timeline = search(12_000);
  for (const selection of ['*', 'a,x.*', `${DEEP}.a`, 'x.1.2.3.4.*']) {
    t.equal(timeline.reach(parseSelection(selection), 0), Number.POSITIVE_INFINITY, selection);
    t.equal(timeline.searchFrom(parseSelection(selection)), 0, selection);
  }
  const deep = parseSelection(`x.1.2.3.4.5.6.*,x.1.2.3.4.6.*,a`);
  t.equal(timeline.reach(deep, 0), 10_001, 'over 5000 entries');
  t.equal(timeline.reach(deep, 10_001), 20_001);
  t.equal(timeline.reach(deep, 20_001), Number.POSITIVE_INFINITY);
  t.equal(timeline.reach(deep, 100_000), Number.POSITIVE_INFINITY);
});

t.test(
  'what has a short list is found in one page, however much else there is; of many lists one may be busy',
  async (t) => {
    const timeline = search(12_000);
    timeline.push(entry(24_001, 'y.1.2.3.4.5'));
    t.equal(timeline.reach(parseSelection('y.1.2.3.4.5.6.*'), 0), Number.POSITIVE_INFINITY);
    const many = Array.from({ length: 50 }, (_, n) => `z.1.2.3.${n}.5.*`);
    t.equal(timeline.reach(parseSelection(['x.1.2.3.4.5.6.*', ...many].join()), 0), 10_001);
  },
);

t.test('the newest are looked for among 20,000 entries, those of all lists together', async (t) => {
  const timeline = search(21_000);
  t.equal(timeline.searchFrom(parseSelection('x.1.2.3.4.5.*')), 2000);
  t.equal(
    timeline.searchFrom(parseSelection('x.1.2.3.4.5.*,x.1.2.3.5.6.*,a.*')),
    22_000,
    'half of them in each of two',
  );
  t.equal(timeline.searchFrom(parseSelection('x.1.2.3.5.6.*')), 0, 'in a list that is not there');
});

t.test('removing an entry twice counts once', async (t) => {
  const timeline = new Timeline<EventEntry>();
  const [one, two] = [entry(1, 'a'), entry(2, 'a')];
  timeline.push(one);
  timeline.push(two);
  timeline.remove(one);
  timeline.remove(one);
  t.equal(timeline.size, 1);
  t.equal(timeline.first(), two);
});

t.test('a sequence stays right while it is appended to and taken from over and over', async () => {
  const steps = fc.array(fc.nat(99), { maxLength: 2000, size: 'max' });
  fc.assert(
    fc.property(steps, (steps) => {
      const sequence = new Sequence<EventEntry>();
      const oracle: EventEntry[] = [];
      steps.forEach((step, i) => {
        const taken = step < 50 ? oracle.splice(step % Math.max(1, oracle.length), 1) : [];
        for (const entry of taken) {
          entry.gone = true;
          sequence.release();
        }
        const added = entry(i + 1, 'a');
        sequence.push(added);
        oracle.push(added);
        assert.equal(sequence.first(), oracle[0]);
        assert.equal(sequence.size, oracle.length);
      });
      assert.deepEqual(positions(sequence.after(0, Number.POSITIVE_INFINITY)), positions(oracle));
      assert.deepEqual(positions(sequence.backwards(0)), positions(oracle).reverse());
    }),
    { seed: 1, numRuns: 30 },
  );
});
