import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import t from 'tap';
import { version } from '../../src/package.js';
import { entry } from '../support/entry.js';

t.test('the command tells what it is asked for, and starts nothing', async (t) => {
  const cwd = t.testdir();
  for (const [args, expected] of [
    [['--help'], { status: 0, stdout: /^Serves event streams.*PORT=4000 sluice\n/s, stderr: '' }],
    [['-v'], { status: 0, stdout: `${version}\n`, stderr: '' }],
    [
      ['--port', '4000'],
      { status: 1, stdout: '', stderr: /^sluice: Unknown option '--port'.* PORT=4000 sluice; .+\n$/ },
    ],
    [['4000'], { status: 1, stdout: '', stderr: /^sluice: Unexpected argument '4000'.* PORT=4000 sluice; .+\n$/ }],
  ] as const) {
    const argv = [...entry('src/server'), ...args];
    const env = { ...process.env, PORT: '0' };
    t.match(spawnSync(process.execPath, argv, { cwd, env, encoding: 'utf8', timeout: 30_000 }), expected);
  }
  t.strictSame(readdirSync(cwd), [], 'no data directory either');
});
