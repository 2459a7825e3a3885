import t from 'tap';
import { serve, take, watch } from './support.js';

t.test('a stream that falls silent is dead after 2.5 heartbeat intervals, also before its headers', async (t) => {
  let requests = 0;
  const { url } = await serve(t, (_request, response) => {
    requests++;
    if (requests > 1) {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`data: ${requests}\n\n`);
    }
  });
  const { connection, interruptions } = watch(t, url, { heartbeatMs: 20 });
  t.match(await take(connection, 2), [{ data: Number }, { data: Number }]);
  t.ok(interruptions().length >= 2, 'one without an answer, one after an event');
  t.ok(interruptions().every((code) => code === 'silent'));
});

t.test('any byte is a sign of life', async (t) => {
  const { url } = await serve(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let beats = 0;
    const timer = setInterval(() => response.write(++beats === 9 ? 'data: alive\n\n' : ':\n'), 10);
    response.on('close', () => clearInterval(timer));
  });
  const { connection } = watch(t, url, { heartbeatMs: 30 });
  t.match(await take(connection, 1), [{ data: 'alive' }], 'longer than 75 ms, but never 75 ms of silence');
});

for (const heartbeatMs of [0, 1e9, Number.POSITIVE_INFINITY]) {
  t.test(`with heartbeats every ${heartbeatMs} ms nothing is silent`, async (t) => {
    const { url } = await serve(t, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n');
      setTimeout(() => response.write('data: late\n\n'), 100);
    });
    const { connection, interruptions } = watch(t, url, { heartbeatMs });
    t.match(await take(connection, 1), [{ data: 'late' }]);
    t.strictSame(interruptions(), []);
  });
}
