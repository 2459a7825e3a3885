import t from 'tap';
import { openDiskLog } from '../../src/log/disk/start/open.js';
import { contract } from './contract.js';

const root = t.testdir();
let count = 0;

function fail(what: string | undefined): void {
  throw new Error(`the log says: ${what}`);
}

contract('disk log', (retention, clock) =>
  openDiskLog({
    directory: `${root}/${count++}`,
    retention,
    clock,
    onDamage: 'refuse',
    onProblem: fail,
    onDamageFound: fail,
  }),
);
