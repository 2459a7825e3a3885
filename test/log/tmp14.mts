import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { scripts, setups } from '/work/main/test/log/model/actions.js';
import { DiskStorage, MemoryStorage, type Storage } from '/work/main/test/log/model/storage.js';
import { World } from '/work/main/test/log/model/world.js';

const SEED = 14;

async function hold(runs: number, store: (run: number) => Storage): Promise<void> {
  let run = 0;
  const property = fc.asyncProperty(setups, scripts, async (setup, script) => {
    const world = await World.create(store(run++), setup);
    await world.run(script);
  });
  await fc.assert(property, { seed: SEED, numRuns: runs });
}

t.test('in memory: watchers are told the truth of a history, also when it begins again', () =>
  hold(400, () => new MemoryStorage()),
);

t.test('on disk: watchers are told the truth of a history, through crashes, restarts and older backups', (t) => {
  const root = t.testdir();
  return hold(250, (run) => {
    rmSync(join(root, String(run - 1)), { recursive: true, force: true });
    return new DiskStorage(join(root, String(run)));
  });
});
