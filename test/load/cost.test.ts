import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';

const SCRIPT = join(import.meta.dirname, 'publish-steps.ts');
const run = promisify(execFile);

/** Steps of the domain that one publish takes; unoptimized code, because V8 does not count all of the other. */
async function steps(t: Test, names: number, patterns: number, watchers: number): Promise<number> {
  const args = ['--no-opt', '--import=tsx', SCRIPT, ...[names, patterns, watchers].map(String)];
  // With the environment of the suite, its coverage would be switched on over there as well.
  const { stdout } = await run(process.execPath, args, { env: {} });
  const { steps, delivered } = JSON.parse(stdout);
  t.ok(delivered, 'and the event arrives');
  return steps;
}

t.test('publishing costs the same however many other streams and patterns are watched', async (t) => {
  const alone = await steps(t, 1, 1, 5);
  t.ok(alone > 20, `${alone} steps`);
  t.equal(await steps(t, 5000, 1, 5), alone, 'streams');
  t.equal(await steps(t, 1, 5000, 5), alone, 'patterns');
});

t.test('it grows with the watchers of the event', async (t) => {
  // Not more than are served in one turn of the event loop.
  const [five, ten, fifteen] = [await steps(t, 1, 1, 5), await steps(t, 1, 1, 10), await steps(t, 1, 1, 15)];
  t.ok(ten > five, 'so the steps that count are counted');
  t.equal(fifteen - ten, ten - five, 'by the same for each');
});
