import type { Figure, Metric } from '../fan-out/figures.js';
import {
  cpu,
  cpuByPatterns,
  cpuByPatternsToOne,
  cpuByPayload,
  cpuByWanting,
  cpuByWatchers,
  crowdCpu,
  highest,
  memory,
  publishCpu,
  publishCpuToFew,
  throughput,
} from '../fan-out/metrics.js';
import type { Results } from '../fan-out/results.js';
import { formatNumber } from './numbers.js';
import { classOf, HEIGHT, page, text, title, WIDTH } from './svg.js';

/** More curves than three hide each other. */
const IN_TABLES_ONLY = ['Sluice, disk', 'bare Fastify POST'];
const KEY_WIDTH = 96;
const NAMES_WIDTH = 110;
const BAR = 18;
const TOP = 40;
const LEFT = 52;
const BOTTOM = 40;

/** One panel a metric: a bar for each server. */
export function plotBars(results: Results): string {
  const panels = [highest, throughput, cpu, crowdCpu, memory].map((metric) => bars(metric, of(results, metric)));
  return page('What an event to many watchers costs, server by server', panels);
}

/** One panel a curve: cost over size, both axes logarithmic. */
export function plotCurves(results: Results): string {
  const curves = [
    cpuByWatchers,
    cpuByPayload,
    publishCpuToFew,
    publishCpu,
    cpuByPatternsToOne,
    cpuByPatterns,
    cpuByWanting,
  ];
  const shown = (metric: Metric) => of(results, metric).filter(({ contender }) => !IN_TABLES_ONLY.includes(contender));
  const panels = curves.map((metric) => lines(metric, shown(metric)));
  return page('How the cost grows', panels);
}

function of({ figures }: Results, metric: Metric): readonly Figure[] {
  return figures.filter((figure) => figure.metric === metric.key);
}

function bars(metric: Metric, figures: readonly Figure[]): string {
  const largest = Math.max(...figures.map(({ median }) => median), Number.MIN_VALUE);
  const room = WIDTH - NAMES_WIDTH - 80;
  const rows = figures.map(({ contender, median }, i) => {
    const y = TOP + i * (BAR + 8);
    const width = Math.max(1, (median / largest) * room);
    return [
      text(NAMES_WIDTH - 8, y + 13, contender, 'end'),
      `<rect class="${classOf(contender)}" x="${NAMES_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2"/>`,
      text(NAMES_WIDTH + width + 6, y + 13, formatNumber(median, metric.digits)),
    ].join('');
  });
  return title(metric) + rows.join('');
}

function lines(metric: Metric, figures: readonly Figure[]): string {
  const xs = figures.map(({ x = 1 }) => x);
  const ys = figures.map(({ median }) => median);
  const across = scale(xs, LEFT, WIDTH - 24);
  const up = scale([...ys, Math.max(...ys) * 1.5, Math.min(...ys) / 1.5], HEIGHT - BOTTOM, TOP);
  const points = figures.map(({ contender, x = 1, median }) => ({
    contender,
    x: across(x),
    y: up(median),
    label: formatNumber(median, metric.digits),
    // Above the highest, below the others, so that they meet less.
    offset: figures.every((other) => other.x !== x || other.median <= median) ? -7 : 16,
  }));
  const names = [...new Set(figures.map(({ contender }) => contender))];
  const curves = names.map((name) => curve(points.filter(({ contender }) => contender === name)));
  const ticks = [...new Set(xs)].map((x) => text(across(x), HEIGHT - BOTTOM + 16, formatNumber(x, 0), 'middle'));
  const axis = `<path class="axis" d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - 16}"/>`;
  const over = text(WIDTH - 16, HEIGHT - 6, metric.over ?? '', 'end');
  return [title(metric), axis, ...ticks, over, ...curves, ...names.map(key)].join('');
}

interface Point {
  readonly contender: string;
  readonly x: number;
  readonly y: number;
  readonly label: string;
  readonly offset: number;
}

function curve(points: readonly Point[]): string {
  const style = classOf(points[0]?.contender ?? '');
  const path = points.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L');
  const dots = points.map(
    ({ x, y, label, offset }) =>
      `<circle class="${style}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3"/>${text(x, y + offset, label, 'middle')}`,
  );
  return `<path class="line ${style}" d="M${path}"/>${dots.join('')}`;
}

function key(name: string, index: number): string {
  const x = LEFT + 8 + index * KEY_WIDTH;
  return `<rect class="${classOf(name)}" x="${x}" y="24" width="10" height="10"/>${text(x + 14, 33, name)}`;
}

function scale(values: readonly number[], from: number, to: number): (value: number) => number {
  const low = Math.log(Math.min(...values));
  const range = Math.log(Math.max(...values)) - low || 1;
  return (value) => from + ((Math.log(value) - low) / range) * (to - from);
}
