import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import t from 'tap';
import { eventually } from '../wire/serve.js';
import { cutOff, flock, KeptConnection, range } from './flock.js';

const ENTRY = join(import.meta.dirname, '..', '..', 'src', 'server.ts');
const OPEN_FILES = 200;
const OWN_FILES = 64;
const MORE_THAN_FIT = 300;

/** Reads on after it, because a full pipe would stop the server; keeps the lines of connections that found no room. */
async function portOf(output: Readable, dropped: object[]): Promise<number> {
  return new Promise((resolve) => {
    createInterface(output).on('line', (line) => {
      const { event, url, ip, max, since } = JSON.parse(line);
      if (event === 'connection-dropped') {
        dropped.push({ ip, max, since });
      }
      if (event === 'start') {
        resolve(Number(new URL(url).port));
      }
    });
  });
}

t.test(
  'out of open files: those there are served, the process lives, and there is room again when some leave',
  async (t) => {
    const command = `ulimit -n ${OPEN_FILES}; exec "$0" --import tsx "${ENTRY}"`;
    const env = { ...process.env, PORT: '0', LOG: 'memory', DEMO: 'false', MAX_CONNECTIONS: '10000' };
    const server = spawn('sh', ['-c', command, process.execPath], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(server, 'exit');
    t.teardown(async () => {
      server.kill('SIGKILL');
      await ended;
    });
    const dropped: object[] = [];
    const port = await portOf(server.stdout, dropped);
    const publisher = await KeptConnection.open(t, port);
    t.match(await publisher.send('GET /livez'), /200 OK/);
    const crowd = flock(t, port, MORE_THAN_FIT);
    await eventually(() => crowd.every(({ verdict, isClosed }) => verdict === 'fresh' || isClosed));
    const kept = crowd.filter(({ isClosed }) => !isClosed);
    const room = OPEN_FILES - OWN_FILES;
    t.equal(kept.length, room - 1, 'beside the publisher');
    t.strictSame(dropped, [{ ip: '127.0.0.1', max: room, since: 0 }], 'one line tells');

    const reached = async (data: string) => {
      const answer = await publisher.send('POST /sse/load', data);
      return Number(/"subscribers":(\d+)/.exec(answer)?.[1]);
    };
    t.equal(await reached('{"n":1}'), kept.length);
    await eventually(() => kept.every(({ positions }) => positions.length === 1));
    t.match(await publisher.send('GET /livez'), /200 OK/, 'and what is connected is answered');

    cutOff(kept.slice(0, 20));
    const stayed = kept.slice(20);
    while ((await reached('{}')) !== stayed.length) {
      await eventually(() => true);
    }
    const newcomers = flock(t, port, 10);
    await eventually(() => newcomers.every(({ verdict }) => verdict === 'fresh'));
    t.equal(await reached('{"n":2}'), stayed.length + newcomers.length);
    await eventually(() => stayed.every(({ positions }) => positions.at(-1) === newcomers[0]?.positions.at(-1)));
    const all = `${range(1, newcomers[0]?.positions.at(-1) ?? 0)}`;
    t.ok(
      stayed.every(({ positions }) => `${positions}` === all),
      'those that stayed missed nothing',
    );
    t.equal(server.exitCode, null);
  },
);
