import type { Socket } from 'node:net';
import t from 'tap';
import { eventually, serve } from '../wire/serve.js';
import { cutOff, flock, range } from './flock.js';

const READING = 90;
const STALLED = 10;
const MAX_BUFFERED_BYTES = 512 * 1024;
/** More than the kernel and the hub together keep for one connection. */
const EVENTS = 40;
const EVENT = 'x'.repeat(250_000);

t.test(
  'readers that stop are cut off as slow with bounded memory, the others miss nothing, and they come back whole',
  async (t) => {
    const { app, port, log } = await serve(t, { maxBufferedBytes: MAX_BUFFERED_BYTES });
    const sockets: Socket[] = [];
    app.server.on('connection', (socket) => sockets.push(socket));
    const watchers = flock(t, port, READING + STALLED);
    await eventually(() => watchers.every(({ verdict }) => verdict === 'fresh'));
    const [reading, stalled] = [watchers.slice(0, READING), watchers.slice(READING)];
    for (const { socket } of stalled) {
      socket.pause();
    }

    let most = 0;
    for (let n = 1; n <= EVENTS; n++) {
      await app.bus.publish({ stream: 'load', data: EVENT });
      await eventually(() => reading.every(({ positions }) => positions.length === n));
      most = Math.max(most, ...sockets.map(({ writableLength }) => writableLength));
    }

    const frame = EVENT.length + 100;
    t.ok(most > 0, 'something was left unsent');
    t.ok(most <= MAX_BUFFERED_BYTES + frame, `at most the limit and one more event is kept: ${most} bytes`);
    t.equal(app.streams.closed.slow, STALLED);
    t.equal(app.streams.size, READING);
    const reasons = log.filter((line) => line.includes('"event":"disconnect"')).map((line) => JSON.parse(line).reason);
    t.strictSame(reasons, Array(STALLED).fill('slow'));
    t.ok(reading.every(({ positions, isClosed }) => !isClosed && `${positions}` === `${range(1, EVENTS)}`));

    cutOff(stalled);
    const back = flock(
      t,
      port,
      STALLED,
      stalled.map(({ cursor }) => cursor),
    );
    await eventually(() => back.every(({ positions }) => positions.at(-1) === EVENTS));
    t.ok(back.every(({ verdict }) => verdict === 'exact'));
    const whole = back.map(({ positions }, i) => [...(stalled[i]?.positions ?? []), ...positions]);
    t.ok(
      whole.every((positions) => `${positions}` === `${range(1, EVENTS)}`),
      'each has had every event once, in order',
    );
  },
);
