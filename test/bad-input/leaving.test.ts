import t, { type Test } from 'tap';
import { connect, type RawClient } from '../support/raw-client.js';
import { eventually } from '../wire/serve.js';
import { createTarget, isAlive, isUnharmed, readAnswer, type Target } from './target.js';

const POST = 'POST /sse/a HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
const WHOLE = `${POST}content-length: 7\r\n\r\n{"a":1}`;
const GET = 'GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n';

/** How far a client has come when it leaves. */
const STAGES: Record<string, string> = {
  'before a byte': '',
  'in the request line': 'POST /ss',
  'after the request line': 'POST /sse/a HTTP/1.1\r\n',
  'in the name of a header': 'POST /sse/a HTTP/1.1\r\nhost: localhost\r\ncont',
  'in the value of a header': 'POST /sse/a HTTP/1.1\r\nhost: localhost\r\ncontent-type: appl',
  'between the headers and the body': `${POST}content-length: 7\r\n\r\n`,
  'in the body': `${POST}content-length: 7\r\n\r\n{"a`,
  'in the size of a chunk': `${POST}transfer-encoding: chunked\r\n\r\n0000`,
  'in a chunk': `${POST}transfer-encoding: chunked\r\n\r\n7\r\n{"a`,
  'before the last chunk': `${POST}transfer-encoding: chunked\r\n\r\n7\r\n{"a":1}\r\n`,
  'in the trailers': `${POST}transfer-encoding: chunked\r\n\r\n7\r\n{"a":1}\r\n0\r\nx-a: `,
  'waiting to be told to go on': `${POST}expect: 100-continue\r\ncontent-length: 7\r\n\r\n`,
  'in the request behind another': `${GET}POST /sse/a HT`,
  'in the body behind another request': `${GET}${POST}content-length: 7\r\n\r\n{"a`,
};

t.test('a client that resets its connection before its request is whole leaves nothing behind', async (t) => {
  const target = await createTarget(t);
  for (const [stage, bytes] of Object.entries(STAGES)) {
    await leave(t, target, bytes, (client) => client.socket.resetAndDestroy());
    await isUnharmed(t, target);
    t.pass(stage);
  }
  await countsNone(t, target);
});

t.test('a client that ends its side before its request is whole is told, and leaves nothing behind', async (t) => {
  const target = await createTarget(t);
  for (const [stage, bytes] of Object.entries(STAGES)) {
    const client = await leave(t, target, bytes, ({ socket }) => socket.end());
    t.equal(await client.ending, 'fin', stage);
    const [last = ''] = client.text.match(/HTTP\/1\.1 [45][\s\S]*/) ?? [];
    if (bytes !== '') {
      t.match(readAnswer({ ...client, text: last }), { status: 400, code: 'SLUICE_MALFORMED_REQUEST' }, stage);
    }
    await isUnharmed(t, target);
  }
  await countsNone(t, target);
});

t.test('a whole request counts, whether its client waits for the answer or not', async (t) => {
  const target = await createTarget(t);
  await leave(t, target, WHOLE, ({ socket }) => socket.end());
  await isUnharmed(t, target, 1);
  await leave(t, target, WHOLE.repeat(5), ({ socket }) => socket.end());
  await isUnharmed(t, target, 6);
});

t.test('a reset after the request stores its event once or not at all', async (t) => {
  const target = await createTarget(t);
  for (let round = 0; round < 50; round++) {
    const before = target.app.bus.log.head;
    const client = await connect(t, target.port, WHOLE);
    client.socket.resetAndDestroy();
    await isAlive(t, target);
    const stored = target.app.bus.log.head - before;
    t.ok(stored === 0 || stored === 1, `${stored} events are stored`);
  }
});

t.test('watchers that leave while they are served are gone, each with its connection', async (t) => {
  const target = await createTarget(t);
  const big = 'x'.repeat(200_000);
  for (let i = 0; i < 10; i++) {
    await target.app.bus.publish({ stream: 'a', data: `${i}${big}` });
  }
  const stages = {
    'at once': /^/,
    'in the head': /HTTP\/1\.1 200/,
    'in the replay': /x{1000}/,
    'at its end': /data: 9x+\n\n$/,
  };
  for (const [stage, reached] of Object.entries(stages)) {
    for (const leaving of [reset, end, destroy]) {
      const client = await connect(t, target.port, 'GET /sse/a?last=10 HTTP/1.1\r\nhost: localhost\r\n\r\n');
      await client.until(reached);
      leaving(client);
      await isUnharmed(t, target, 10);
      t.pass(`${stage}: ${leaving.name}`);
    }
  }
});

t.test('requests behind a stream whose client has left do not hold up the stop', async (t) => {
  const target = await createTarget(t);
  const client = await connect(t, target.port, `GET /sse/b HTTP/1.1\r\nhost: localhost\r\n\r\n${WHOLE.repeat(16)}`);
  await client.until(/connected/);
  await eventually(() => target.app.bus.log.head === 16);
  client.socket.resetAndDestroy();
  await isUnharmed(t, target, 16);
  await target.app.close();
  t.pass('time stands still here, so it has not waited for the end of its grace');
});

const reset = ({ socket }: RawClient) => socket.resetAndDestroy();
const end = ({ socket }: RawClient) => socket.end();
const destroy = ({ socket }: RawClient) => socket.destroy();

/** No request was answered with an error: what breaks off is none. */
async function countsNone(t: Test, { app }: Target): Promise<void> {
  const errors = (await app.inject('/metrics')).body.match(/^sluice_http_errors_total.* [1-9]\d*$/gm);
  t.equal(errors, null, String(errors));
}

async function leave(
  t: Test,
  { port }: Target,
  bytes: string,
  leaving: (client: RawClient) => unknown,
): Promise<RawClient> {
  const client = await connect(t, port, bytes);
  // The other side has read what was written before it sees the end.
  await new Promise((resolve) => setTimeout(resolve, 10));
  leaving(client);
  return client;
}
