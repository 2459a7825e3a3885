import t from 'tap';
import { parseSelection } from '../../src/events/selection.js';
import { LatestStates } from '../../src/log/latest-states.js';
import { newStreamState, type StreamState } from '../../src/log/stream-state.js';

t.test('a pattern is looked up: streams of other patterns are not looked at', async (t) => {
  const states = new LatestStates();
  let looks = 0;
  const add = (name: string, pos: number) => {
    const state: StreamState = { ...newStreamState(name), events: 1 };
    states.move(
      Object.defineProperty(state, 'name', {
        get: () => {
          looks++;
          return name;
        },
      }),
      pos,
    );
  };
  add('tasks.x.1', 1);
  for (let pos = 2; pos <= 2000; pos++) {
    add(`tasks.${pos}`, pos);
  }
  looks = 0;
  t.same(
    states.of(parseSelection('tasks.x.*'), 100, Number.POSITIVE_INFINITY, () => undefined),
    [1],
  );
  t.ok(looks < 10, `${looks} names looked at`);
});

t.test('of a pattern of many parts a bounded number of streams is looked at, the newest', async (t) => {
  const states = new LatestStates();
  const add = (name: string, pos: number) => states.move({ ...newStreamState(name), events: 1 }, pos);
  add('tasks.a.b.c.d.e.old', 1);
  for (let pos = 2; pos <= 30_000; pos++) {
    add(`tasks.a.b.c.d.${pos}`, pos);
  }
  add('tasks.a.b.c.d.e.new', 30_001);
  t.same(
    states.of(parseSelection('tasks.a.b.c.d.e.*'), 100, Number.POSITIVE_INFINITY, () => undefined),
    [30_001],
  );
});
