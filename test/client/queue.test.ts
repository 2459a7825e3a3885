import t from 'tap';
import { EventQueue } from '../../client/queue.js';

const COUNT = 200_000;

t.test('a long queue is drained in order, and in no time', async (t) => {
  const queue = new EventQueue<{ number: number }>(
    COUNT,
    () => {},
    () => {},
  );
  for (let number = 0; number < COUNT; number++) {
    queue.push({ number });
  }
  t.ok(queue.isFull);
  const start = performance.now();
  let wrong = 0;
  for (let number = 0; number < COUNT; number++) {
    const { value } = await queue.next();
    wrong += value?.number === number && !queue.isFull ? 0 : 1;
  }
  t.equal(wrong, 0);
  t.ok(performance.now() - start < 5000, `${performance.now() - start} ms`);
});

t.test('it is full at its limit, whatever was taken before; the end leaves nothing', async (t) => {
  let taken = 0;
  const queue = new EventQueue<number>(
    3,
    () => taken++,
    () => {},
  );
  const fill = () => {
    for (let number = 0; !queue.isFull; number++) {
      queue.push(number);
    }
  };
  fill();
  t.strictSame([(await queue.next()).value, (await queue.next()).value], [0, 1]);
  fill();
  t.strictSame([(await queue.next()).value, (await queue.next()).value], [2, 0]);
  t.equal(taken, 4);
  fill();
  queue.end();
  t.strictSame(await queue.next(), { done: true, value: undefined });
});
