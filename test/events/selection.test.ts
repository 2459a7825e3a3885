import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { prefixesOf } from '../../src/events/names.js';
import { MAX_SELECTED, matches, parseSelection, select } from '../../src/events/selection.js';
import { CohortIndex } from '../../src/streams/cohorts/cohort-index.js';

const name = fc.stringMatching(/^[ab]{1,2}(\.[ab]{1,2}){0,3}$/);
const item = fc.oneof(
  name,
  name.map((text) => `${text}.*`),
  fc.constant('*'),
);
const items = fc.array(item, { minLength: 1, maxLength: 8 });

/** What a client means by a list, read one item at a time. */
function isMeant(items: readonly string[], stream: string): boolean {
  return items.some((text) => (text.endsWith('*') ? stream.startsWith(text.slice(0, -1)) : stream === text));
}

t.test('a list is brought into one canonical form', async (t) => {
  const canonical = (text: string) => parseSelection(text).key;
  t.equal(canonical('b,a'), 'a,b');
  t.equal(canonical('a,a'), 'a');
  t.equal(canonical('a,*,b.*'), '*');
  t.equal(canonical('orders.*,orders.a,orders.a.b,orders.a.*'), 'orders.*');
  t.equal(canonical('orders,orders.*'), 'orders,orders.*', 'a pattern does not take in the name before its dot');
  t.equal(canonical('orders.*,ordersx.a'), 'ordersx.a,orders.*');
  t.same(parseSelection('x.*,b,a').items, ['a', 'b', 'x.*']);
});

t.test('what is neither a name nor a pattern is refused', async (t) => {
  for (const text of ['', ',', 'a,', 'a b', '.a', 'a*', '*.a', '.*', 'a.*.b', '**', 'a\n', 'é', 'x'.repeat(129)]) {
    t.throws(() => parseSelection(text), { statusCode: 400, code: 'SLUICE_INVALID_SELECTION' }, JSON.stringify(text));
  }
  t.doesNotThrow(() => parseSelection(`${'x'.repeat(128)},${'x'.repeat(126)}.*`));
});

t.test('the member that is wrong is named', async (t) => {
  for (const [text, wrong] of [
    ['a, b', ' b'],
    ['a,orders*,b', 'orders*'],
    ['https://example.com/books/1', 'https://example.com/books/1'],
    ['', ''],
    [`a,${'x'.repeat(200)}`, 'x'.repeat(64)],
  ] as const) {
    const message = `streams must be a comma-separated list of stream names and patterns (orders.* or *), but it has '${wrong}'`;
    t.throws(() => parseSelection(text), { message }, text);
  }
});

t.test('a hundred items are taken, one more is refused', async (t) => {
  const names = Array.from({ length: MAX_SELECTED + 1 }, (_, i) => `s${i}`);
  t.equal(parseSelection(names.slice(1).join(',')).names.length, MAX_SELECTED);
  t.throws(() => parseSelection(names.join(',')), { statusCode: 400, message: /more than 100/ });
});

t.test('the canonical form means the same streams, and equal meanings of the same items have one key', async () => {
  fc.assert(
    fc.property(items, name, fc.nat(), (items, stream, rotation) => {
      const selection = select(items);
      assert.equal(matches(selection, stream), isMeant(items, stream));
      const turned = items.map((_, i) => items[(i + rotation) % items.length] ?? '');
      assert.equal(select([...turned, ...items]).key, selection.key);
      assert.equal(select(selection.items).key, selection.key);
    }),
    { seed: 1, numRuns: 500 },
  );
});

t.test('at most one item of a selection takes in a stream', async () => {
  fc.assert(
    fc.property(items, name, (items, stream) => {
      const { names, prefixes } = select(items);
      const hits = names.filter((text) => text === stream).length + prefixes.filter((p) => stream.startsWith(p)).length;
      assert.ok(hits <= 1);
    }),
    { seed: 1, numRuns: 500 },
  );
});

t.test('the prefixes of a name are those a pattern can have', async (t) => {
  t.same(prefixesOf('a'), ['']);
  t.same(prefixesOf('a.b.c'), ['', 'a.', 'a.b.']);
  t.same(prefixesOf('a..b'), ['', 'a.', 'a..']);
  t.same(prefixesOf('a.'), ['', 'a.']);
});

t.test('the index finds each cohort that wants a stream, once, and no other', async () => {
  fc.assert(
    fc.property(
      fc.array(items, { maxLength: 6 }),
      fc.array(fc.boolean(), { maxLength: 6 }),
      name,
      (lists, gone, stream) => {
        const index = new CohortIndex();
        const cohorts = lists.map((items) => index.obtain(select(items), 'plain'));
        const removed = new Set(cohorts.filter((_, i) => gone[i]));
        for (const cohort of removed) {
          index.delete(cohort);
        }
        const found: unknown[] = [];
        index.wanting(stream, (cohort) => found.push(cohort));
        const expected = new Set(cohorts.filter((cohort) => !removed.has(cohort) && matches(cohort.selection, stream)));
        assert.equal(found.length, expected.size);
        assert.deepEqual(new Set(found), expected);
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});

t.test('equal selections share a cohort, but for the format', async (t) => {
  const index = new CohortIndex();
  const cohort = index.obtain(parseSelection('b,a,b'), 'plain');
  t.equal(index.obtain(parseSelection('a,b'), 'plain'), cohort);
  t.not(index.obtain(parseSelection('a,b'), 'envelope'), cohort);
  t.not(index.obtain(parseSelection('a'), 'plain'), cohort);
});

t.test('the index knows the names asked for, until nobody does', async (t) => {
  const index = new CohortIndex();
  const one = index.obtain(parseSelection('a,b.*'), 'plain');
  const other = index.obtain(parseSelection('a,c'), 'plain');
  t.strictSame(index.names('', '', 10), ['a', 'c']);
  index.delete(other);
  t.strictSame(index.names('', '', 10), ['a']);
  index.delete(one);
  t.strictSame(index.names('', '', 10), []);
});

t.test('the index gives names in order, by prefix, from one on and no more than asked for', async (t) => {
  const index = new CohortIndex();
  for (const text of ['b.2,a,c', 'b.1,b', 'b,b.3,bb']) {
    index.obtain(parseSelection(text), 'plain');
  }
  t.strictSame(index.names('', '', 10), ['a', 'b', 'b.1', 'b.2', 'b.3', 'bb', 'c']);
  t.strictSame(index.names('', 'b.1', 2), ['b.2', 'b.3']);
  t.strictSame(index.names('b', '', 10), ['b', 'b.1', 'b.2', 'b.3', 'bb']);
  t.strictSame(index.names('b.', 'a', 2), ['b.1', 'b.2']);
  t.strictSame(index.names('b', 'b', 10), ['b.1', 'b.2', 'b.3', 'bb']);
  t.strictSame(index.names('b', 'c', 10), []);
});
