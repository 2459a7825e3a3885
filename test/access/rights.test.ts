import fc from 'fast-check';
import t from 'tap';
import { ALL, NONE, narrow } from '../../src/access/rights.js';
import { matches, parseSelection, select } from '../../src/events/selection.js';

const narrowed = (wanted: string, allowed: string) => narrow(parseSelection(wanted), parseSelection(allowed)).key;

t.test('a name that is allowed stays, by name or by pattern', async (t) => {
  t.equal(narrowed('a', 'a,b'), 'a');
  t.equal(narrowed('a.b.c', 'a.*'), 'a.b.c');
  t.equal(narrowed('a,b', '*'), 'a,b');
});

t.test('a name that is not allowed is 403 naming it, also beside others that are', async (t) => {
  for (const [wanted, allowed, name] of [
    ['a,secret', 'a,b', 'secret'],
    ['orders', 'orders.*', 'orders'],
    ['ordersx', 'orders.*', 'ordersx'],
    ['a.*,secret', 'a.*', 'secret'],
  ] as const) {
    const error = { code: 'SLUICE_FORBIDDEN', statusCode: 403, message: `missing right: subscribe on ${name}` };
    t.throws(() => narrowed(wanted, allowed), error, wanted);
  }
});

t.test('a pattern is narrowed to what is allowed inside it', async (t) => {
  t.equal(narrowed('*', 'a,b.*'), 'a,b.*');
  t.equal(narrowed('orders.*', 'orders.eu.*,orders.us,stock'), 'orders.us,orders.eu.*');
  t.equal(narrowed('orders.eu.*', 'orders.*'), 'orders.eu.*');
  t.equal(narrowed('orders.*,stock.*', 'orders.a'), 'orders.a', 'a pattern of which nothing is left drops out');
});

t.test('nothing left is 403', async (t) => {
  t.throws(() => narrowed('orders.*', 'stock'), { message: 'missing right: subscribe on orders.*' });
  t.throws(() => narrow(ALL, NONE), { message: 'missing right: subscribe on *' });
});

t.test('the very same selection comes back for the right to all, so that nothing is worked out', async (t) => {
  const wanted = parseSelection('a,b.*');
  t.equal(narrow(wanted, ALL), wanted);
});

const name = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
const item = fc.oneof(
  name,
  name.map((text) => `${text}.*`),
  fc.constant('*'),
);
const items = fc.array(item, { maxLength: 4 }).map(select);

t.test('whatever is wanted and allowed, what remains takes exactly the streams that are both', async () => {
  const check = (wanted: ReturnType<typeof select>, allowed: ReturnType<typeof select>, stream: string) => {
    let remains: boolean;
    try {
      remains = matches(narrow(wanted, allowed), stream);
    } catch {
      return (
        wanted.names.some((each) => !matches(allowed, each)) || !(matches(wanted, stream) && matches(allowed, stream))
      );
    }
    return remains === (matches(wanted, stream) && matches(allowed, stream));
  };
  fc.assert(fc.property(items, items, name, check), { numRuns: 5000 });
});
