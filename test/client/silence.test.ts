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

/** A server that greets with a heartbeat interval, then says nothing for a while. */
const quiet = (t: Parameters<typeof serve>[0], heartbeatMs: number) =>
  serve(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`event: connected\ndata: ${JSON.stringify({ resume: 'fresh', heartbeatMs })}\n\n`);
    setTimeout(() => response.write('data: late\n\n'), 200);
  });

t.test('how often the server beats, it says itself; one that is busy for seconds is not silent', async (t) => {
  const { url } = await quiet(t, 20);
  const { connection, reached } = watch(t, url);
  connection.on(() => {});
  const { reason } = await reached('waiting');
  t.strictSame(reason, { code: 'silent', message: 'nothing came from the server for 10000 ms' });
});

t.test('a server that says it never beats is never silent', async (t) => {
  const { url } = await quiet(t, 0);
  const { connection, interruptions } = watch(t, url);
  t.match(await take(connection, 1), [{ data: 'late' }]);
  t.strictSame(interruptions(), []);
});

t.test('the option wins over what the server says', async (t) => {
  const { url } = await quiet(t, 20);
  const { connection, interruptions } = watch(t, url, { heartbeatMs: 1000 });
  t.match(await take(connection, 1), [{ data: 'late' }]);
  t.strictSame(interruptions(), []);
});
