import t from 'tap';
import { openDiskLog } from '../../src/log/disk/open.js';
import { contract } from './contract.js';

let count = 0;
contract('disk log', async (retention, clock) => {
  const directory = t.testdir() + `/${count++}`;
  return openDiskLog({
    directory,
    retention,
    clock,
    onDamage: 'refuse',
    onProblem: (r) => console.error('PROBLEM', r),
    onSkip: () => {},
  });
});
