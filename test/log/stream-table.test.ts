import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { matches, parseSelection } from '../../src/events/selection.js';
import { StreamTable } from '../../src/log/stream-table.js';

const STREAMS = ['a', 'b', 'x', 'x.1', 'x.1.y', 'x.2', 'tasks.1', 'x.1.2.3.4.5.6.a', 'x.1.2.3.4.5.7'];
const SELECTIONS = ['a', 'none', 'a,b,none', 'x.*', 'x.1.*,a', '*', 'x.*,x', 'x.1.2.3.4.5.6.*', 'x.1.2.3.4.5.*,a'].map(
  parseSelection,
);

interface Trim {
  readonly stream: string;
  readonly pos: number;
  /** The table's count of trims when it was done. */
  readonly at: number;
}

/** A table whose every trim is also written down in a plain list. */
class Model {
  readonly table = new StreamTable(1000);
  readonly events: { stream: string; pos: number }[] = [];
  readonly trims: Trim[] = [];
  #head = 0;

  publish(stream: string): void {
    const pos = ++this.#head;
    this.events.push({ stream, pos });
    this.table.added({ stream, pos, generated: false }, 1);
  }

  /** Takes out the first event of a stream, as retention does. */
  trim(stream: string): void {
    const index = this.events.findIndex((event) => event.stream === stream);
    const [event] = index === -1 ? [] : this.events.splice(index, 1);
    if (event !== undefined) {
      this.table.removed({ ...event, generated: false }, 1);
      this.trims.push({ ...event, at: this.table.trims });
    }
  }
}

const steps = fc.array(fc.tuple(fc.constantFrom(...STREAMS), fc.boolean()), { maxLength: 120, size: 'max' });

function run(steps: readonly [string, boolean][]): Model {
  const model = new Model();
  for (const [stream, isTrim] of steps) {
    isTrim ? model.trim(stream) : model.publish(stream);
  }
  return model;
}

t.test('what was trimmed after a position is what the list of all trims says', async () => {
  fc.assert(
    fc.property(steps, fc.nat(120), (steps, pos) => {
      const { table, trims } = run(steps);
      for (const selection of SELECTIONS) {
        const hit = trims.filter((trim) => trim.pos > pos && matches(selection, trim.stream));
        const names = new Set(hit.map(({ stream }) => stream));
        const { count, streams, floor } = table.trimmedAfter(selection, pos);
        assert.equal(count, names.size);
        assert.deepEqual(new Set(streams), names);
        assert.equal(floor, false);
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

t.test('what was trimmed since a moment is what the list of all trims says', async () => {
  fc.assert(
    fc.property(steps, fc.nat(120), fc.nat(60), (steps, pos, moment) => {
      const { table, trims } = run(steps);
      const since = Math.min(moment, table.trims);
      for (const selection of SELECTIONS) {
        const isHit = trims.some((trim) => trim.pos > pos && trim.at > since && matches(selection, trim.stream));
        assert.equal(table.trimmedSince(selection, pos, since), isHit);
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

t.test('each stream is counted with what it holds', async () => {
  fc.assert(
    fc.property(steps, (steps) => {
      const { table, events } = run(steps);
      const published = steps.flatMap(([stream, isTrim]) => (isTrim ? [] : [stream]));
      const countOf = (name: string) => events.filter(({ stream }) => stream === name).length;
      assert.deepEqual(
        table.list('', '', 100).map(({ stream, events, bytes }) => [stream, events, bytes]),
        [...new Set(published)].sort().map((name) => [name, countOf(name), countOf(name)]),
      );
    }),
    { seed: 1 },
  );
});

t.test('what is not looked at, of very many streams under a pattern of many parts, counts as trimmed', async (t) => {
  for (const [streams, floor] of [
    [100, false],
    [25_000, true],
  ] as const) {
    const table = new StreamTable(100_000);
    for (let pos = 1; pos <= streams; pos++) {
      const event = { stream: `a.b.c.d.e.${pos}`, pos, generated: false };
      table.added(event, 1);
      table.removed(event, 1);
    }
    t.strictSame(table.trimmedAfter(parseSelection('a.b.c.d.e.f.*'), 0), { count: 0, streams: [], floor });
    t.match(table.trimmedAfter(parseSelection('a.b.c.d.*'), 0), { count: streams, floor: false });
  }
});
