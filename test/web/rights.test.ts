import t from 'tap';
import { allowedOf, mayPublish, maySubscribe, type Rights } from '../../web/src/session/rights.js';

const rights: Rights = { publish: ['orders.*'], subscribe: ['stock', 'tasks.a.*'] };

t.test('a pattern takes in what is below it, not the name before its dot', async (t) => {
  t.ok(mayPublish(rights, 'orders.a.b'));
  t.notOk(mayPublish(rights, 'orders'));
  t.notOk(mayPublish(rights, 'stock'), 'each right for itself');
  t.ok(maySubscribe(rights, 'stock'));
  t.notOk(maySubscribe(rights, 'stocks'));
  t.ok(mayPublish({ ...rights, publish: ['*'] }, 'anything'));
  t.notOk(mayPublish({ ...rights, publish: [] }, 'anything'));
});

t.test('of what is wanted remain allowed names, and patterns that are allowed in part', async (t) => {
  t.strictSame(allowedOf(rights, ['stock', 'metrics', 'tasks.*', 'tasks.a.b.*', 'tasks.b.*']), [
    'stock',
    'tasks.*',
    'tasks.a.b.*',
  ]);
  t.strictSame(allowedOf(rights, ['*']), ['*']);
  t.strictSame(allowedOf({ ...rights, subscribe: [] }, ['*', 'stock']), []);
  t.strictSame(allowedOf({ ...rights, subscribe: ['tasks.a'] }, ['tasks.*']), ['tasks.*'], 'one name of a pattern');
});
