import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { torture } from '../test/torture/history.js';

/** `npm run torture -- --rounds 200 --seed x`: kills a server under load again and again, and accounts for every event. */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now()) },
  },
});
const ROUNDS_EACH = 20;

const { rounds, seed } = values;
console.log(`torture --rounds ${rounds} --seed ${seed}`);
const directory = await mkdtemp(join(tmpdir(), 'sluice-torture-'));
const started = Date.now();
const report = await torture(directory, seed, Number(rounds), ROUNDS_EACH, (settings, { rounds, events }) => {
  console.log(`${rounds} rounds, ${events} events so far; ${settings}`);
});
const { complaints, ...figures } = report;
console.table([{ ...figures, seconds: Math.round((Date.now() - started) / 1000), wrong: complaints.length }]);
for (const complaint of complaints.slice(0, 20)) {
  console.error(complaint.slice(0, 300));
}
if (complaints.length > 0) {
  console.error(`the data is kept in ${directory}`);
  process.exitCode = 1;
} else {
  await rm(directory, { recursive: true });
}
