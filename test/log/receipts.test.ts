import t from 'tap';
import { type Receipt, Receipts } from '../../src/log/receipts.js';

const AGE_MS = 1000;

function receiptOf(time: number): Receipt {
  return { fingerprint: '', epoch: 'e', first: 1, count: 1, stream: 'a', type: 'message', time };
}

t.test('a key is known for its time, also one that was used again', async (t) => {
  const receipts = new Receipts(AGE_MS);
  receipts.add('renewed', receiptOf(0));
  receipts.add('other', receiptOf(0));
  receipts.add('renewed', receiptOf(AGE_MS));
  receipts.expire(AGE_MS);
  t.equal(receipts.get('other', 0), undefined, 'removed, not only too old');
  t.match(receipts.get('renewed', 2 * AGE_MS - 1), { time: AGE_MS });
  t.equal(receipts.get('renewed', 2 * AGE_MS), undefined);
});

t.test('of more than 100,000 keys the one used longest ago is forgotten', async (t) => {
  const receipts = new Receipts(AGE_MS);
  receipts.add('first', receiptOf(0));
  receipts.add('second', receiptOf(0));
  for (let i = 0; i < 99_999; i++) {
    receipts.add(`key ${i}`, receiptOf(0));
  }
  t.equal(receipts.get('first', 0), undefined);
  t.ok(receipts.get('second', 0));
});
