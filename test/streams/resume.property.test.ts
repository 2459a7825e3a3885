import fc from 'fast-check';
import t from 'tap';
import { scripts, setups } from './model/actions.js';
import { World } from './model/world.js';

const RUNS = 400;

t.test('no loss, no duplicate, no disorder, no false exact, no gap without a cause', async () => {
  const property = fc.asyncProperty(setups, scripts, async (setup, script) => {
    await new World(setup).run(script);
  });
  await fc.assert(property, { seed: 20_260_101, numRuns: RUNS });
});
