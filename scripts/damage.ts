import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { campaign } from '../test/log/disk/damage/campaign.js';
import { FAILURES } from '../test/log/disk/damage/examine.js';

/** `npm run damage -- --cases 1000 --seed x`: flips bits and cuts off ends of a log's file, and sees what it says. */
const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now()) },
  },
});

const { cases: count, seed } = values;
console.log(`damage --cases ${count} --seed ${seed}`);
const root = await mkdtemp(join(tmpdir(), 'sluice-damage-'));
const started = Date.now();
const table: Record<string, { refuse: number; skip: number }> = {};
let wrong = 0;

await campaign(root, seed, Number(count), ({ damage, refuse, skip }) => {
  for (const [mode, { outcome, detail }] of [['refuse', refuse] as const, ['skip', skip] as const]) {
    const row = table[outcome] ?? { refuse: 0, skip: 0 };
    row[mode]++;
    table[outcome] = row;
    if (FAILURES.includes(outcome)) {
      wrong++;
      console.log(`${damage}, DAMAGED=${mode}: ${detail.slice(0, 300)}`);
    }
  }
});
console.table(table);
console.log(`${Math.round((Date.now() - started) / 1000)} s`);
await rm(root, { recursive: true });
process.exitCode = wrong > 0 ? 1 : 0;
