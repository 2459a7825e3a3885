import t from 'tap';
import { compare, type Mark, toMark } from '../../web/src/panes/compare.js';

const event = (n: number, data: unknown = { n }): Mark => toMark({ id: `epoch.${n}`, type: 'message', data });
const events = (...numbers: number[]): Mark[] => numbers.map((n) => event(n));

t.test('a pane without another of its stream is compared with nothing', async (t) => {
  const { verdict, tallies } = compare([events(1, 2)]);
  t.equal(verdict, 'alone');
  t.matchOnly(tallies, [{ count: 2, checksum: /^[0-9a-f]{8}$/ }]);
});

t.test('panes that have seen the same are equal, in count and checksum', async (t) => {
  const { verdict, tallies } = compare([events(1, 2, 3), events(1, 2, 3)]);
  t.equal(verdict, 'equal');
  t.equal(tallies[0]?.count, 3);
  t.same(tallies[0], tallies[1]);
});

t.test('a pane that came later, or has not yet read as far, is compared over what both have', async (t) => {
  const { verdict, tallies } = compare([events(1, 2, 3, 4), events(3, 4, 5)]);
  t.equal(verdict, 'equal');
  t.same(
    tallies.map(({ count }) => count),
    [2, 2],
  );
});

t.test('without an event in common there is nothing to say yet', async (t) => {
  t.equal(compare([events(1, 2), []]).verdict, 'waiting');
  t.equal(compare([events(1, 2), events(3)]).verdict, 'waiting');
});

const differences: Record<string, Mark[]> = {
  'a lost event': events(1, 3),
  'a repeated event': events(1, 2, 2, 3),
  'a repeated last event': events(1, 2, 3, 3),
  'another order': events(2, 1, 3),
  'other data': [event(1), event(2, { n: 'two' }), event(3)],
};

for (const [name, marks] of Object.entries(differences)) {
  t.test(`${name} makes panes different`, async (t) => {
    t.equal(compare([events(1, 2, 3), marks]).verdict, 'different');
    t.equal(compare([marks, events(1, 2, 3)]).verdict, 'different');
  });
}
