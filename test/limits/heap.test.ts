import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';

const HEAP = join(import.meta.dirname, '..', '..', 'src', 'limits', 'heap.ts');
const SCRIPT = `import { heapBytes } from ${JSON.stringify(HEAP)}; console.log(heapBytes / 2 ** 20);`;

t.test('what can live long is the old generation, whatever the size of the young one', async (t) => {
  for (const [args, options] of [
    [[], ''],
    [['--max-semi-space-size=64'], ''],
    [[], '--max-semi-space-size=32'],
    [['--max_semi_space_size=8'], '--max-semi-space-size=32'],
  ] as const) {
    const flags = ['--max-old-space-size=128', ...args, '--import', import.meta.resolve('tsx'), '--input-type=module'];
    const env = { ...process.env, NODE_OPTIONS: options };
    const { stdout } = spawnSync(process.execPath, [...flags, '-e', SCRIPT], { env, encoding: 'utf8' });
    t.equal(Number(stdout), 128, `${args} ${options}`);
  }
});
