import type { Figure, Metric } from '../fan-out/figures.js';
import { metrics } from '../fan-out/metrics.js';
import type { Results } from '../fan-out/results.js';
import { formatNumber } from './numbers.js';

const OURS = 'Sluice';
const ON_DISK = 'Sluice, disk';

/** The first's figures divided by the second's. */
const RATIOS = [
  { title: 'of nchan', one: OURS, other: 'nchan' },
  { title: 'of better-sse', one: OURS, other: 'better-sse' },
  { title: 'of bare', one: OURS, other: 'bare Fastify POST' },
  { title: 'disk of memory', one: ON_DISK, other: OURS },
];
type Ratio = (typeof RATIOS)[number];
/** From this share of a core on, the client may have set the figure. */
const BUSY = 0.9;
/** Less apart than this is a draw. */
const NOTICEABLE = 1.03;

/** The figures as tables in Markdown, which a terminal shows as well: medians, then what ours are of others'. */
export function renderTables(results: Results): string {
  const present = metrics.filter(({ key }) => results.figures.some(({ metric }) => metric === key));
  const groups = [
    present.filter(({ over }) => over === undefined),
    ...present.filter(({ over }) => over !== undefined).map((metric) => [metric]),
  ];
  const tables = groups.filter((group) => group.length > 0).map((group) => renderTable(results.figures, group));
  return [...tables, renderLosses(results.figures), describe(results)].join('\n\n');
}

function renderTable(all: readonly Figure[], group: readonly Metric[]): string {
  const figures = all.filter(({ metric }) => group.some(({ key }) => key === metric));
  const contenders = unique(figures.map(({ contender }) => contender));
  const ratios = RATIOS.filter(({ one, other }) => contenders.includes(one) && contenders.includes(other));
  const [metric] = group;
  const head = metric?.over === undefined ? 'medians' : `${metric.label}, ${metric.unit}, by ${metric.over}`;
  const rows = group.flatMap((each) =>
    unique(figures.filter(({ metric }) => metric === each.key).map(({ x }) => x)).map((x) =>
      renderRow(figures, each, x, contenders, ratios),
    ),
  );
  const titles = [head, ...contenders, ...ratios.map(({ title }) => title)];
  return align([titles, ...rows]);
}

function renderRow(
  figures: readonly Figure[],
  metric: Metric,
  x: number | undefined,
  contenders: readonly string[],
  ratios: readonly Ratio[],
): string[] {
  const find = (name: string) =>
    figures.find((figure) => figure.metric === metric.key && figure.contender === name && figure.x === x);
  const title = x === undefined ? `${metric.label}, ${metric.unit}` : formatNumber(x, 0);
  const medianOf = (name: string) => find(name)?.median ?? Number.NaN;
  return [
    title,
    ...contenders.map((name) => renderFigure(find(name), metric.digits)),
    ...ratios.map(({ one, other }) => renderRatio(medianOf(one) / medianOf(other))),
  ];
}

function renderFigure(figure: Figure | undefined, digits: number): string {
  if (figure === undefined) {
    return '–';
  }
  return `${formatNumber(figure.median, digits)}${figure.clientBusy > BUSY ? ' *' : ''}`;
}

function renderRatio(ratio: number): string {
  return Number.isNaN(ratio) ? '' : `${formatNumber(ratio, 2)} ×`;
}

function align(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const [head, ...body] = rows.map(
    (row) =>
      `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`,
  );
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [head, rule, ...body].join('\n');
}

/** Where one that does comparable work is better; the bare server does not. */
function renderLosses(figures: readonly Figure[]): string {
  const lines = metrics.flatMap((metric) => {
    const own = figures.filter((figure) => figure.metric === metric.key);
    const ours = own.filter(({ contender }) => contender === OURS);
    return ours.flatMap((figure) =>
      own
        .filter(({ contender, x }) => x === figure.x && !contender.startsWith(OURS) && !contender.startsWith('bare'))
        .filter((other) => isBetter(metric, other.median / figure.median))
        .map((other) => renderLoss(metric, figure, other)),
    );
  });
  return lines.length === 0
    ? 'None is better than Sluice at any of these.'
    : `Where Sluice loses:\n\n${lines.join('\n')}`;
}

function isBetter({ better }: Metric, ratio: number): boolean {
  return better === 'lower' ? ratio < 1 / NOTICEABLE : ratio > NOTICEABLE;
}

function renderLoss({ label, unit, over, digits }: Metric, ours: Figure, other: Figure): string {
  const place = ours.x === undefined ? '' : `, ${formatNumber(ours.x, 0)} ${over}`;
  const [mine, theirs] = [ours, other].map(({ median }) => formatNumber(median, digits));
  return `- to ${other.contender}, ${label}${place}: ${mine} ${unit}, there ${theirs}`;
}

function describe({ machine, figures, date, command }: Results): string {
  const rounds = figures.map(({ values }) => values.length);
  const [least, most] = [Math.min(...rounds), Math.max(...rounds)];
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `Medians of ${least === most ? most : `${least} to ${most}`}; – was not sustained; * the client used over ${BUSY * 100} % of its core and may have set the figure.`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGib} GiB, ${machine.system}; ${versions.join(', ')}.`,
    `\`${command}\`, ${date.slice(0, 10)}, load average at the start ${machine.load.toFixed(2)}.`,
  ].join('\n');
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
