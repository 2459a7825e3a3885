import t from 'tap';
import { eventually } from '../wire/serve.js';
import { serve, watch } from './support.js';

const EVENT_BYTES = 10_000;

/** A server that writes as fast as it is read. */
async function flood(t: Parameters<typeof serve>[0], count: number) {
  const seen = { written: 0 };
  const { url } = await serve(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const write = () => {
      while (seen.written < count) {
        const padding = 'x'.repeat(EVENT_BYTES);
        if (!response.write(`: ${padding}\ndata: ${seen.written++}\n\n`)) {
          response.once('drain', write);
          return;
        }
      }
    };
    write();
  });
  return { url, seen };
}

t.test('a loop that falls behind stops the reading, so the server feels it, and loses nothing', async (t) => {
  const count = 3000;
  const { url, seen } = await flood(t, count);
  const { connection } = watch(t, url, { maxQueued: 5 });
  const loop = connection[Symbol.asyncIterator]();
  t.match(await loop.next(), { value: { data: 0 } });
  let before = -1;
  while (before !== seen.written) {
    before = seen.written;
    await new Promise((resolve) => setTimeout(resolve, 80));
  }
  t.ok(seen.written < count, `the server was held at ${seen.written} of ${count} events`);
  for (let number = 1; number < count; number++) {
    const { value } = await loop.next();
    if (value?.data !== number) {
      t.fail(`expected ${number}, got ${value?.data}`);
      break;
    }
  }
  connection.close();
});

t.test('several may wait for the next event at once, each gets its own', async (t) => {
  const { url } = await flood(t, 3);
  const { connection } = watch(t, url);
  const loop = connection[Symbol.asyncIterator]();
  const results = await Promise.all([loop.next(), loop.next(), loop.next()]);
  t.match(results, [{ value: { data: 0 } }, { value: { data: 1 } }, { value: { data: 2 } }]);
  const last = loop.next();
  await eventually(() => connection.state.status === 'open');
  connection.close();
  t.strictSame(await last, { done: true, value: undefined });
});
