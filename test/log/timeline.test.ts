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
    return fc.tuple(fc.constant(entries), fc.shuffledSubarray(entries), fc.nat(pos + 2));
  })
  .map(([entries, removed, pos]) => ({
    // Fresh ones for each run: shrinking runs the property on the same values again.
    entries: entries.map(({ event }) => entry(event.pos, event.stream)),
    removed: removed.map(({ event }) => event.pos),
    pos,
  }));

t.test('a timeline gives each selection what a filter over a plain list would', async () => {
  fc.assert(
    fc.property(histories, ({ entries, removed, pos }) => {
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
        const after = wanted.filter(({ event }) => event.pos > pos);
        assert.deepEqual(positions(timeline.after(selection, pos)), positions(after));
        assert.deepEqual(positions(timeline.backwards(selection)), positions(wanted).reverse());
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
      assert.deepEqual(positions(sequence.after(0)), positions(oracle));
      assert.deepEqual(positions(sequence.backwards()), positions(oracle).reverse());
    }),
    { seed: 1, numRuns: 30 },
  );
});
