import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Figures, Growth } from '../test/soak/figures.js';
import { soak } from '../test/soak/soak.js';

/** `npm run soak -- --minutes 60 --rate 50 --seed x`: mixed load on a server, which must be afterwards as it was before. */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    rate: { type: 'string', default: '200' },
    watchers: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now()) },
  },
});
const MiB = 1024 * 1024;
const FLOODS = 12;

const { minutes, rate, watchers, seed } = values;
const ms = Number(minutes) * 60_000;
console.log(`soak --minutes ${minutes} --rate ${rate} --watchers ${watchers} --seed ${seed}`);
const directory = await mkdtemp(join(tmpdir(), 'sluice-soak-'));
const { growth, complaints, ...figures } = await soak(directory, ms, {
  seed,
  rate: Number(rate),
  watchers: Number(watchers),
  floodMs: Math.min(ms / FLOODS, 60_000),
  badMs: 20_000 / Number(rate),
});
await rm(directory, { recursive: true });

console.log(
  Object.entries(figures)
    .map(([name, count]) => `${count} ${name}`)
    .join(', '),
);
console.table(Object.fromEntries(Object.entries(growth).map(([name, row]) => [name, readable(name, row)])));
const leaks = Object.entries(growth).filter(([, { isLeak }]) => isLeak);
const problems = [...leaks.map(([name]) => `${name} grew by more than is allowed`), ...complaints];
for (const problem of problems.slice(0, 20)) {
  console.error(problem.slice(0, 300));
}
process.exitCode = problems.length > 0 ? 1 : 0;

function readable(name: string, { start, end, allowed }: Growth) {
  const isBytes = (['rss', 'heap', 'external'] satisfies (keyof Figures)[] as string[]).includes(name);
  const show = (value: number) => (isBytes ? `${(value / MiB).toFixed(1)} MiB` : value);
  return { 'after warm-up': show(start), 'at the end': show(end), growth: show(end - start), allowed: show(allowed) };
}
