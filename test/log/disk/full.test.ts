import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { NewEvent } from '../../../src/events/event.js';
import type { EventLog } from '../../../src/log/event-log.js';
import { build } from '../../support/build.js';
import { turn } from '../../support/clock.js';
import { mountTmpfs, skipMounts } from '../../support/mount.js';
import { dataOf, watch } from '../../support/watch.js';
import { event, positions } from '../contract/support.js';
import { openLog } from './support.js';

const MiB = 1024 * 1024;
const KILOBYTE = 'x'.repeat(1000);

/** Appends until that fails. */
async function fill(log: EventLog, batch: readonly NewEvent[]): Promise<never> {
  for (;;) {
    await log.append(batch);
  }
}

/** A small file system, most of it taken by something that can be removed. */
function mountSmall(t: Test): { directory: string; makeRoom(): void } {
  const path = mountTmpfs(t, 'size=8m');
  const ballast = join(path, 'ballast');
  writeFileSync(ballast, Buffer.alloc(6 * MiB));
  return { directory: join(path, 'data'), makeRoom: () => rmSync(ballast) };
}

t.test(
  'a full disk: publishes are refused, watchers go on, and it recovers by itself',
  { skip: skipMounts },
  async (t) => {
    const small = mountSmall(t);
    const { app, clock } = await build(t, { log: 'disk', dataDir: small.directory });
    const watcher = await watch(app, '/sse/a');
    const publish = (payload: string) =>
      app.inject({ method: 'POST', url: '/sse/a', headers: { 'content-type': 'text/plain' }, payload });
    const acknowledged: string[] = [];
    const fill = async () => {
      let answer = await publish(KILOBYTE);
      for (; answer.statusCode === 201; answer = await publish(KILOBYTE)) {
        acknowledged.push(answer.json().id);
      }
      return answer;
    };
    const answer = await fill();
    t.equal(answer.statusCode, 507);
    t.match(answer.json(), {
      code: 'SLUICE_DISK_FULL',
      message: /nothing was stored; publish again when there is room/,
    });
    t.equal((await publish(KILOBYTE)).statusCode, 507);
    t.match(await ready(), { statusCode: 503, body: /the disk is full/ });
    await clock.advance(15_000);
    t.equal((await fill()).statusCode, 507, 'it tries again, and there is no room yet');
    await clock.advance(15_000);
    t.equal(watcher.messages.at(-1)?.event, 'heartbeat', 'watchers go on');
    const ids = () =>
      watcher.messages.filter(({ event, id }) => event === undefined && id !== undefined).map(({ id }) => id);
    t.same(ids(), acknowledged, 'and saw what was acknowledged, nothing else');
    const returned = await watch(app, '/sse/a', { 'last-event-id': acknowledged[0] ?? '' });
    t.match(dataOf(returned.messages[0]), { resume: 'exact' }, 'who comes back is served too');
    await returned.leave();

    small.makeRoom();
    for (let i = 0; (await ready()).statusCode === 503; i++) {
      t.ok(i < 100);
      await clock.advance(1000);
    }
    t.match(await ready(), { statusCode: 200 }, 'nobody has to publish for it to recover');
    const after = await publish('there is room');
    t.equal(after.statusCode, 201);
    await turn();
    t.same(ids(), [...acknowledged, after.json().id]);
    await app.close();
    const { log } = await openLog(t, small.directory);
    t.same(
      (await positions(log)).map((pos) => log.cursorAt(pos)),
      [...acknowledged, after.json().id],
      'and the next start finds the same',
    );

    async function ready() {
      const { statusCode, body } = await app.inject('/readyz');
      return { statusCode, body };
    }
  },
);

t.test('on a full disk retention goes on, and makes room itself', { skip: skipMounts }, async (t) => {
  const small = mountSmall(t);
  const { log, clock, problems } = await openLog(t, small.directory, { limits: { ageMs: 60_000 } });
  let stored = 0;
  const fill = async () => {
    for (;;) {
      await log.append([event('a', KILOBYTE)]);
      stored++;
    }
  };
  await t.rejects(fill(), { code: 'SLUICE_DISK_FULL' });
  t.same(problems, ['the disk is full']);
  await clock.advance(61_000);
  for (let i = 0; log.usage().events > 0 || log.problem() !== undefined; i++) {
    t.ok(i < 1000, `${log.usage().events} events left`);
    await clock.advance(1000);
    await log.idle();
  }
  t.equal(log.usage().events, 0, 'what has outlived its limit is removed');
  await log.append([event('a', KILOBYTE)]);
  t.same(await positions(log), [stored + 1], 'and its room is used again');
  t.same(problems, ['the disk is full', undefined]);
});

t.test('on a full disk retention makes room, although publishers never pause', { skip: skipMounts }, async (t) => {
  const small = mountSmall(t);
  const { log, clock } = await openLog(t, small.directory, { limits: { ageMs: 60_000 } });
  await t.rejects(fill(log, [event('a', KILOBYTE)]), { code: 'SLUICE_DISK_FULL' });
  const batch = Array.from({ length: 100 }, () => event('a', KILOBYTE));
  let isStored = false;
  for (let i = 0; i < 100 && !isStored; i++) {
    const advancing = clock.advance(61_000);
    isStored = await log.append(batch).then(
      () => true,
      () => false,
    );
    await advancing;
  }
  t.ok(isStored);
  t.equal(log.problem(), undefined);
});

t.test('on a disk that stays full the log stays unready, and says so once', { skip: skipMounts }, async (t) => {
  const small = mountSmall(t);
  const { log, clock, problems } = await openLog(t, small.directory, { limits: { ageMs: 60_000 } });
  const batch = Array.from({ length: 100 }, () => event('a', KILOBYTE));
  await t.rejects(fill(log, batch), { code: 'SLUICE_DISK_FULL' });
  for (let i = 0; i < 30; i++) {
    await clock.advance(1000);
    await log.idle();
    t.equal(log.problem(), 'the disk is full');
  }
  await t.rejects(log.append(batch), { code: 'SLUICE_DISK_FULL' });
  t.same(problems, ['the disk is full']);
  await clock.advance(31_000);
  await log.idle();
  t.same(problems, ['the disk is full', undefined], 'until retention has removed something');
  await log.append(batch);
});

t.test('a full disk is tried again, however far the clock has been set back', { skip: skipMounts }, async (t) => {
  const small = mountSmall(t);
  const { log, clock } = await openLog(t, small.directory);
  const batch = Array.from({ length: 100 }, () => event('a', KILOBYTE));
  await t.rejects(fill(log, batch), { code: 'SLUICE_DISK_FULL' });
  small.makeRoom();
  clock.correct(-3_600_000);
  await t.rejects(log.append(batch), { code: 'SLUICE_DISK_FULL' }, 'not at once');
  await clock.advance(1000);
  await log.append(batch);
  t.equal(log.problem(), undefined);
});

t.test('where there is no room for the files of a log, the start says so', { skip: skipMounts }, async (t) => {
  const path = mountTmpfs(t, 'size=4m');
  const directory = join(path, 'data');
  const ballast = join(path, 'ballast');
  const isRefused = () => t.rejects(openLog(t, directory), { message: /the disk is full: make room/ });
  for (const free of [0, 4096, 12_288, 40_960, 200_000]) {
    writeFileSync(ballast, Buffer.alloc(4 * MiB - free - 16_384));
    await isRefused();
  }
  rmSync(ballast);
  const { close } = await openLog(t, directory);
  await close();
  rmSync(join(directory, 'lock.mdb'));
  const { bavail, bsize } = statfsSync(path);
  writeFileSync(ballast, Buffer.alloc(bavail * bsize));
  await isRefused();
  rmSync(ballast);
  const { log } = await openLog(t, directory);
  await log.append([event('a')]);
});

t.test('a log on a full disk can be closed, and opened again when there is room', { skip: skipMounts }, async (t) => {
  const small = mountSmall(t);
  const { log, close } = await openLog(t, small.directory);
  const batch = Array.from({ length: 100 }, () => event('a', KILOBYTE));
  let stored = 0;
  const fill = async () => {
    for (;;) {
      await log.append(batch);
      stored += batch.length;
    }
  };
  await t.rejects(fill(), { code: 'SLUICE_DISK_FULL' });
  await close();
  small.makeRoom();
  const again = await openLog(t, small.directory);
  t.equal((await positions(again.log)).length, stored, 'of the batch that failed there is nothing');
});
