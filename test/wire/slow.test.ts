import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { connect, readBody, request } from '../support/raw-client.js';
import { dataOf } from '../support/watch.js';
import { eventually, serve } from './serve.js';

const TEXT = 'x'.repeat(100_000);

t.test('a frozen reader is cut off, others never wait, and it comes back without loss', async (t) => {
  const { app, port } = await serve(t, { maxBufferedBytes: 65_536 });
  const frozen = await connect(t, port, request('GET /sse/a'));
  const other = await connect(t, port, request('GET /sse/a'));
  await Promise.all([frozen.until(/connected/), other.until(/connected/)]);
  frozen.socket.pause();
  let published = 0;
  while (app.streams.closed.slow === 0) {
    await app.bus.publish({ stream: 'a', data: `${published++} ${TEXT}` });
    await other.until(new RegExp(`data: ${published - 1} x+\n\n$`));
  }
  t.equal(app.streams.size, 1, 'the other is still there and has everything');

  frozen.socket.resume();
  await frozen.ending;
  const received = readBody(frozen.text);
  const cursor = received.cursor ?? '';
  const back = await connect(t, port, request('GET /sse/a', { 'last-event-id': cursor }));
  await back.until(new RegExp(`data: ${published - 1} x+\n\n$`));
  const resumed = readBody(back.text).messages;
  t.equal(dataOf(resumed[0]).resume, 'exact');
  const numbers = [...received.messages.slice(1), ...resumed.slice(1)].map(({ data }) => Number.parseInt(data, 10));
  t.strictSame(
    numbers,
    Array.from({ length: published }, (_, i) => i),
    'every event once, in order',
  );
});

t.test('a reader that is cut off sees that it is, as what it got may end with half an event', async (t) => {
  const { app, url } = await serve(t, { maxBufferedBytes: 65_536 });
  const curl = spawn('curl', ['-sN', '-o', '/dev/null', `${url}/sse/a`]);
  t.teardown(() => curl.kill('SIGKILL'));
  await eventually(() => app.streams.size === 1);
  curl.kill('SIGSTOP');
  while (app.streams.closed.slow === 0) {
    await app.bus.publish({ stream: 'a', data: TEXT });
    await new Promise(setImmediate);
  }
  curl.kill('SIGCONT');
  const RECEIVE_ERROR = 56;
  t.strictSame(await once(curl, 'exit'), [RECEIVE_ERROR, null]);
});

t.test('a reader of which nothing gets out for 30 s is cut off', async (t) => {
  const { app, port, clock } = await serve(t, { maxBufferedBytes: 100_000_000, heartbeatIntervalMs: 3_600_000 });
  const frozen = await connect(t, port, request('GET /sse/a'));
  await frozen.until(/connected/);
  frozen.socket.pause();
  for (let i = 0; i < 100; i++) {
    await app.bus.publish({ stream: 'a', data: TEXT });
  }
  await clock.advance(1000);
  await clock.advance(29_000);
  t.equal(app.streams.size, 1);
  await clock.advance(2000);
  await eventually(() => app.streams.size === 0);
  t.equal(app.streams.closed.slow, 1);
});
