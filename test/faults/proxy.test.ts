import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { connect } from '../support/raw-client.js';
import { cutAfter, delay, type Fault, freezeAfter, none, throttle } from './faults.js';
import { type FaultProxy, openFaultProxy } from './proxy.js';

interface Wire {
  readonly proxy: FaultProxy;
  readonly server: Server;
  /** Resolves with the server's end of the next connection. */
  next(): Promise<Socket>;
}

/** A server of sockets with a proxy before it. */
async function wire(t: Test, down: Fault = none, up: Fault = none): Promise<Wire> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const proxy = await openFaultProxy(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  Object.assign(proxy, { up, down });
  return {
    proxy,
    server,
    async next() {
      const [socket] = await once(server, 'connection');
      t.teardown(() => socket.destroy());
      return socket.setEncoding('utf8').on('error', () => {});
    },
  };
}

async function join(t: Test, { proxy, next }: Wire) {
  const [far, near] = await Promise.all([next(), connect(t, proxy.port)]);
  return { far, near };
}

t.test('a sound line carries every byte both ways, half-closed too, and its end', async (t) => {
  const { far, near } = await join(t, await wire(t));
  near.socket.end('question');
  t.strictSame(await once(far, 'data'), ['question']);
  await once(far, 'end');
  const answer = 'x'.repeat(1_000_000);
  far.end(answer);
  t.equal(await near.ending, 'fin');
  t.equal(near.text, answer);
});

t.test('a reset at either end reaches the other', async (t) => {
  const { far, near } = await join(t, await wire(t));
  far.resetAndDestroy();
  t.equal(await near.ending, 'ECONNRESET');
  const other = await join(t, await wire(t));
  other.near.socket.resetAndDestroy();
  const [error] = await once(other.far, 'error');
  t.equal(error.code, 'ECONNRESET');
});

t.test('a delay holds bytes back for its time, and keeps their order', async (t) => {
  const { far, near } = await join(t, await wire(t, delay(40)));
  const since = performance.now();
  for (const digit of '0123456789') {
    far.write(digit);
    await new Promise((resolve) => setImmediate(resolve));
  }
  far.end();
  await near.ending;
  t.equal(near.text, '0123456789');
  t.ok(performance.now() - since >= 39);
});

t.test('a throttle lets through what it says, and the sender feels it', async (t) => {
  const { far, near } = await join(t, await wire(t, throttle(1_000_000)));
  const since = performance.now();
  const size = 100_000;
  far.end('x'.repeat(size));
  await near.ending;
  t.equal(near.text.length, size);
  t.ok(performance.now() - since >= 90, 'a tenth of a second for a tenth of it');
});

for (const how of ['reset', 'fin'] as const) {
  t.test(`a cut after so many bytes ends both sides there, by ${how}`, async (t) => {
    const { proxy, ...rest } = await wire(
      t,
      cutAfter(() => 5, how),
    );
    const { far, near } = await join(t, { proxy, ...rest });
    // The server's end tells them apart: a client that reads bytes and a reset at once sees an end (libuv).
    const ending = new Promise((resolve) => {
      far.once('end', () => resolve('fin')).once('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
    });
    far.resume();
    far.write('012');
    await near.until(/012/);
    far.write('3456789');
    await near.ending;
    t.equal(near.text, '01234');
    t.equal(await ending, how === 'fin' ? 'fin' : 'ECONNRESET');
    t.equal(proxy.open, 0);
  });
}

t.test('a cut before the first byte of the answer leaves none of it', async (t) => {
  const { far, near } = await join(
    t,
    await wire(
      t,
      cutAfter(() => 0, 'reset'),
    ),
  );
  near.send('question');
  await once(far, 'data');
  far.write('answer');
  t.equal(await near.ending, 'ECONNRESET');
  t.equal(near.text, '');
});

t.test('a frozen line tells neither end of the other, and goes on when it is healed', async (t) => {
  const { proxy, ...rest } = await wire(
    t,
    freezeAfter(() => 5),
  );
  const { far, near } = await join(t, { proxy, ...rest });
  far.write('0123456789');
  await near.until(/01234/);
  far.end('the end');
  near.send('lost for now');
  const heard: string[] = [];
  far.on('data', (text) => heard.push(String(text)));
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(near.text, '01234', 'nothing more arrives, not even the end');
  t.strictSame(heard, []);
  proxy.heal();
  t.equal(await near.ending, 'fin');
  t.equal(near.text, '0123456789the end');
  t.strictSame(heard.join(''), 'lost for now');
});

t.test('a frozen line holds back what sent too much', async (t) => {
  const { proxy, ...rest } = await wire(t);
  const { far, near } = await join(t, { proxy, ...rest });
  proxy.freeze();
  const size = 50_000_000;
  far.end('x'.repeat(size));
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.ok(far.writableLength > 0, `${far.writableLength} bytes are unsent`);
  proxy.heal();
  await near.ending;
  t.equal(near.text.length, size);
});

t.test('a black hole accepts, and passes nothing on', async (t) => {
  const { far, near } = await join(
    t,
    await wire(
      t,
      none,
      freezeAfter(() => 0),
    ),
  );
  let heard = '';
  far.on('data', (text) => {
    heard += text;
  });
  near.send('question');
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(heard, '');
});
