import { connect } from 'node:net';
import fc from 'fast-check';
import t from 'tap';
import { connectionBytes } from './fuzz/wire.js';
import { createTarget, isAlive } from './target.js';

const ROUNDS = 1000;
/** Most connections at once. */
const MAX_CONNECTIONS = 10;
/** Given by hand to have a failure again. */
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

t.test(
  'thousands of connections with broken requests and noise: each is ended, none is left, the server lives',
  async (t) => {
    const target = await createTarget(t, { maxStreams: 50 });
    const statuses = new Set<number>();
    let connections = 0;
    const round = fc.array(connectionBytes, { minLength: 1, maxLength: MAX_CONNECTIONS });
    const property = fc.asyncProperty(round, async (all) => {
      const answers = await Promise.all(all.map((bytes) => exchange(target.port, bytes)));
      connections += all.length;
      for (const [, status] of answers.join('').matchAll(/^HTTP\/1\.1 (\d+) /gm)) {
        statuses.add(Number(status));
      }
      return answers.every((answer) => answer === '' || answer.startsWith('HTTP/1.1 '));
    });
    const details = await fc.check(property, { numRuns: ROUNDS, seed });
    t.notOk(details.failed, details.failed ? String(fc.defaultReportMessage(details)) : `FUZZ_SEED=${seed}`);
    t.ok(connections > ROUNDS, `${connections} connections`);
    t.strictSame([...statuses].filter((status) => status >= 500).sort(), [], 'nothing is a 5xx');
    for (const status of [200, 201, 400, 404, 431]) {
      t.ok(statuses.has(status), `${status} has been met`);
    }
    await isAlive(t, target);
    await target.app.close();
  },
);

/** Sends everything, ends its side, and resolves with all that comes until the other side is closed too. */
function exchange(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      received += chunk;
    });
    // A reset is an answer too: the bytes went on after the server had ended the connection.
    socket.on('error', () => {});
    socket.on('end', () => socket.destroy());
    socket.on('close', () => resolve(received));
    socket.end(bytes);
  });
}
