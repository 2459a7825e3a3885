import { EventEmitter } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import { Socket } from 'node:net';
import t from 'tap';
import { UntakenAnswers } from '../../src/http2/untaken-answers.js';
import { WaitingRequests } from '../../src/limits/waiting-requests.js';
import { createTestClock } from '../support/clock.js';

/** As much of an HTTP/2 stream as is asked of it. */
class FakeStream extends EventEmitter {
  readonly destroyed = false;
  closed = false;

  constructor(readonly session: object) {
    super();
  }

  close(): void {
    this.closed = true;
    this.emit('close');
  }
}

function give(untaken: UntakenAnswers, session: object): FakeStream {
  const stream = new FakeStream(session);
  untaken.add(stream as unknown as ServerHttp2Stream);
  return stream;
}

t.test('answers over HTTP/2 are given up that have not moved between two looks', async (t) => {
  const clock = createTestClock();
  const untaken = new UntakenAnswers(clock);
  const [still, moving, taken] = [give(untaken, {}), give(untaken, {}), give(untaken, {})];
  t.equal(untaken.giveUp(true), 0, 'whoever has just been answered has time');
  moving.emit('drain');
  taken.close();
  t.equal(untaken.giveUp(false), 0, 'between two looks none is');
  t.equal(untaken.giveUp(true), 1);
  t.same([still.closed, moving.closed], [true, false]);
  t.equal(untaken.giveUp(true), 1, 'now that one has not moved either');
  t.equal(clock.timers(), 0, 'nothing is left of any');
});

t.test('of a client with many of them all are given up at once', async (t) => {
  const untaken = new UntakenAnswers(createTestClock());
  const session = {};
  const many = Array.from({ length: 17 }, () => give(untaken, session));
  const other = give(untaken, {});
  t.equal(untaken.giveUp(false), 17);
  t.ok(many.every(({ closed }) => closed));
  t.notOk(other.closed);
});

t.test('connections of HTTP/1.1 are cut on which no request has had its turn between two looks', async (t) => {
  const waiting = new WaitingRequests();
  const [still, moving, done, left] = [new Socket(), new Socket(), new Socket(), new Socket()];
  for (const socket of [still, moving, done, left]) {
    t.same({ ...waiting.enter(socket, 10), forget: undefined }, { count: 1, bytes: 10, still: 0, forget: undefined });
    t.match(waiting.enter(socket, 5), { count: 2, bytes: 15 });
  }
  waiting.leave(done, 10);
  waiting.leave(done, 5);
  t.equal(done.listenerCount('close'), new Socket().listenerCount('close'));
  left.destroy();
  await new Promise((resolve) => left.once('close', resolve));
  t.equal(waiting.giveUp(), 0);
  waiting.leave(moving, 10);
  waiting.enter(moving, 10);
  t.equal(waiting.giveUp(), 1);
  t.same([still.destroyed, moving.destroyed, done.destroyed], [true, false, false]);
});
