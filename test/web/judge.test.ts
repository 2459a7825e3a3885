import t from 'tap';
import { type Mark, toMark } from '../../web/src/panes/compare.js';
import { judge } from '../../web/src/panes/judge.js';

const marks: readonly Mark[] = [toMark({ id: 'epoch.1', type: 'message', data: 1 })];

t.test('each pane is compared with those of its stream', async (t) => {
  const panes = ['a', 'a', 'b'].map((stream, index) => ({ key: index + 1, stream, events: [], marks }));
  const judgements = judge(panes);
  t.same([...judgements.keys()], [1, 2, 3]);
  t.same(
    [...judgements.values()].map(({ verdict, tally }) => [verdict, tally.count]),
    [
      ['equal', 1],
      ['equal', 1],
      ['alone', 1],
    ],
  );
});

t.test('a stream is compared once, however many panes it has', async (t) => {
  let read = 0;
  const panes = Array.from({ length: 30 }, (_, index) => ({
    key: index + 1,
    stream: 'a',
    events: [],
    get marks() {
      read++;
      return marks;
    },
  }));
  t.equal(judge(panes).size, 30);
  t.equal(read, 30);
});
