import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Results } from './fan-out/results.js';
import { plotBars, plotCurves } from './report/plot.js';
import { renderTables } from './report/tables.js';

/** Takes the newest results into the documentation: data, plots and tables. */
const root = join(import.meta.dirname, '..');
const LATEST = join(root, 'bench', 'results', 'latest.json');
const PAGE = join(root, 'docs', 'performance.md');
const TABLES = /(<!-- figures of npm run bench -->)[\s\S]*(<!-- end of figures -->)/;

const results: Results = JSON.parse(readFileSync(LATEST, 'utf8'));
mkdirSync(join(root, 'docs', 'data'), { recursive: true });
cpSync(LATEST, join(root, 'docs', 'data', 'bench.json'));
writeFileSync(join(root, 'docs', 'images', 'bench.svg'), plotBars(results));
writeFileSync(join(root, 'docs', 'images', 'bench-growth.svg'), plotCurves(results));
const page = readFileSync(PAGE, 'utf8');
writeFileSync(
  PAGE,
  page.replace(TABLES, (_all, start, end) => `${start}\n\n${renderTables(results)}\n\n${end}`),
);
