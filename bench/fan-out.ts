import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Figure, Figures } from './fan-out/figures.js';
import { describeMachine } from './fan-out/machine.js';
import { crowd } from './fan-out/measures/crowd.js';
import { delivery } from './fan-out/measures/delivery.js';
import { byPattern, payload, watchers } from './fan-out/measures/growth.js';
import { highest } from './fan-out/measures/highest.js';
import type { Measure } from './fan-out/measures/measure.js';
import { streams } from './fan-out/measures/streams.js';
import type { Results } from './fan-out/results.js';
import { full, quick } from './fan-out/sizes.js';
import { plotBars, plotCurves } from './report/plot.js';
import { renderTables } from './report/tables.js';

/** One event to many watchers, beside what else there is: what it costs, how fast it is, how the cost grows. */
const MEASURES: readonly Measure[] = [delivery, crowd, highest, streams, watchers, payload, byPattern];
const OUT = join(import.meta.dirname, 'results');
const LATEST = join(OUT, 'latest.json');

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    // Measures the parts that a run of everything would take too long for, one after the other.
    add: { type: 'boolean', default: false },
  },
});
const sizes = values.quick ? quick : full;
const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
const measures = chosen(values.only);

function chosen(only: readonly string[] | undefined): readonly Measure[] {
  const unknown = only?.find((name) => !MEASURES.some((measure) => measure.name === name));
  if (unknown !== undefined) {
    throw new Error(`--only ${unknown}: must be one of ${MEASURES.map(({ name }) => name).join(', ')}`);
  }
  return MEASURES.filter(({ name }) => only === undefined || only.includes(name));
}

async function runAll(figures: Figures): Promise<void> {
  for (const measure of measures) {
    for (let round = 1; round <= rounds; round++) {
      for (const contender of measure.contenders) {
        process.stderr.write(`${measure.name} ${round}/${rounds}: ${contender.name}\n`);
        await measure.run(contender, sizes, figures).catch(leaveOut);
      }
    }
  }
}

/** One failure spoils a round of one server, not the hour that the rest takes. */
function leaveOut(error: Error): void {
  process.stderr.write(`  left out: ${error.message}\n`);
  process.exitCode = 1;
}

/** What earlier runs have found of the measures that this one left out. */
function earlier(found: readonly Figure[]): Figure[] {
  const { figures }: Results = JSON.parse(readFileSync(LATEST, 'utf8'));
  return figures.filter(({ metric }) => !found.some((figure) => figure.metric === metric));
}

function write(results: Results): void {
  mkdirSync(OUT, { recursive: true });
  writeFileSync(LATEST, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(OUT, 'bench.svg'), plotBars(results));
  writeFileSync(join(OUT, 'bench-growth.svg'), plotCurves(results));
}

const machine = describeMachine();
const figures = new Figures();
await runAll(figures);
const command = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');
const found = figures.all();
const results: Results = {
  date: new Date().toISOString(),
  command,
  machine,
  sizes,
  figures: values.add ? [...earlier(found), ...found] : found,
};
write(results);
process.stdout.write(`${renderTables(results)}\n`);
