import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { publish } from '../../client/index.js';
import { eventually } from '../wire/serve.js';
import { startHub } from './support.js';

function run(t: Test, ...args: string[]) {
  const child = spawn(process.execPath, ['--import=tsx', 'examples/watch.ts', ...args]);
  t.teardown(() => child.kill('SIGKILL'));
  return { child, output: text(child.stdout), errors: text(child.stderr), exit: once(child, 'exit') };
}

t.test('examples/watch.ts prints what it watches, and ends on SIGINT', async (t) => {
  const { app, url } = await startHub(t);
  const { child, output, exit } = run(t, url, 'a');
  await eventually(() => app.streams.size === 1);
  const { id } = await publish(url, 'a', { price: '9.99' }, { type: 'stock-update' });
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  t.strictSame(await exit, [0, null]);
  t.equal(await output, `price 9.99\n${id} a stock-update {"price":"9.99"}\n`);
});

t.test('examples/watch.ts says why it stops for good', async (t) => {
  const { url } = await startHub(t);
  const { errors, exit } = run(t, url, 'not a stream');
  t.strictSame(await exit, [1, null]);
  t.match(await errors, /^stopped for good: .*stream/);
});
