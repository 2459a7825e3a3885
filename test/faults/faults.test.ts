import t from 'tap';
import { Random } from '../torture/random.js';
import { cutAfter, delay, freezeAfter, throttle } from './faults.js';
import { openScene, type Scene, until } from './scene.js';

/** Most bytes of a line before it breaks: a few hundred are the head of the answer. */
const MAX_CUT_BYTES = 4000;

const verdicts = ({ watchers }: Scene) => watchers.map(({ sessions }) => sessions.map(({ resume }) => resume));
const returns = (scene: Scene) => Math.min(...verdicts(scene).map(({ length }) => length - 1));

t.test('late bytes: nobody is lost, and who comes back is exact', async (t) => {
  const scene = await openScene(t, 'delay');
  Object.assign(scene.proxy, { up: delay(20), down: delay(20) });
  scene.proxy.cut();
  await scene.published(300);
  t.strictSame(await scene.finish(), []);
  t.ok(returns(scene) >= 1);
});

t.test('a thin line is behind, breaks, and its watcher resumes exactly', async (t) => {
  const scene = await openScene(t, 'throttle');
  scene.proxy.down = throttle(20_000);
  scene.proxy.cut();
  await scene.published(500);
  const behind = scene.ledger.size - Math.max(...scene.watchers.map(({ position }) => position));
  t.ok(behind > 0, `${behind} events behind`);
  scene.proxy.heal();
  scene.proxy.cut();
  t.strictSame(await scene.finish(), []);
  t.ok(returns(scene) >= 2);
});

for (const how of ['reset', 'fin'] as const) {
  t.test(
    `lines that break anywhere, in the middle of frames too, by ${how}: everything once, in order, exact`,
    async (t) => {
      const scene = await openScene(t, `cut by ${how}`);
      const random = new Random(how);
      scene.proxy.up = cutAfter(() => random.int(50, 500), how);
      scene.proxy.down = cutAfter(() => random.int(0, MAX_CUT_BYTES), how);
      scene.proxy.cut(how);
      await until(() => returns(scene) >= 8);
      t.strictSame(await scene.finish(), []);
      t.strictSame([...new Set(verdicts(scene).flat())], ['fresh', 'exact']);
    },
  );
}

t.test('half-open lines: the library notices the silence and resumes exactly, others do when it is over', async (t) => {
  const scene = await openScene(t, 'half-open');
  for (const round of [1, 2, 3]) {
    scene.proxy.freeze();
    await until(() => scene.library.every(({ sessions, silences }) => sessions.length > round && silences >= round));
    scene.proxy.heal();
  }
  t.strictSame(await scene.finish(), []);
});

t.test('a half-open watcher that the hub has given up resumes exactly', async (t) => {
  const scene = await openScene(t, 'given up', { maxBufferedBytes: 65_536 });
  const { app, ledger, proxy } = scene;
  proxy.down = freezeAfter(() => 0);
  proxy.cut();
  const pad = 'x'.repeat(200_000);
  for (let number = 0; app.streams.closed.slow < 2; number++) {
    const name = `large/${number}`;
    const { id } = await app.bus.publish({ stream: 'b', data: { name, pad } });
    ledger.acknowledge({ id, stream: 'b', name });
  }
  t.strictSame(await scene.finish(), []);
  t.ok(scene.raw.every(({ sessions }) => sessions.at(-1)?.resume === 'exact'));
});

t.test('a black hole swallows every attempt; when it is gone, everything comes, exactly', async (t) => {
  const scene = await openScene(t, 'black hole');
  scene.proxy.up = freezeAfter(() => 0);
  scene.proxy.cut();
  await until(() => scene.library.every(({ silences }) => silences >= 2));
  t.strictSame(await scene.finish(), []);
  t.ok(returns(scene) >= 1);
});

t.test('who was away for longer than the history reaches is told of the gap, and only then', async (t) => {
  const scene = await openScene(t, 'gap', { historyEvents: 100 });
  scene.proxy.up = freezeAfter(() => 0);
  scene.proxy.cut();
  await scene.published(600);
  t.strictSame(await scene.finish(), []);
  t.ok(verdicts(scene).every((resumes) => resumes.includes('gap')));
});

t.test(
  'publishers whose requests and answers are lost repeat them with their key: each event is there once',
  async (t) => {
    const scene = await openScene(t, 'publishers');
    const { publishing, publishers } = scene;
    const random = new Random('publishers');
    const replayed = () => publishers.reduce((sum, publisher) => sum + publisher.replayed, 0);
    publishing.up = cutAfter(() => random.int(0, 20_000), 'reset');
    publishing.down = cutAfter(() => random.int(0, 3000), 'reset');
    publishing.cut();
    await until(() => replayed() >= 20);
    publishing.freeze();
    publishing.down = freezeAfter(() => random.int(0, 5000));
    await until(() => replayed() >= 25);
    t.strictSame(await scene.finish(), []);
  },
);
