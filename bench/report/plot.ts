import type { Figure, Metric } from '../fan-out/figures.js';
import {
  cpu,
  cpuByPatterns,
  cpuByPayload,
  cpuByWanting,
  cpuByWatchers,
  crowdCpu,
  highest,
  memory,
  publishCpu,
  throughput,
} from '../fan-out/metrics.js';
import type { Results } from '../fan-out/results.js';
import { formatNumber } from './numbers.js';

const WIDTH = 380;
const HEIGHT = 210;
const MARGIN = 16;
const COLUMNS = 2;
const NAMES_WIDTH = 110;
const BAR = 18;
const TOP = 40;
const LEFT = 52;
const BOTTOM = 40;

/** One panel a metric: a bar for each server. */
export function plotBars(results: Results): string {
  const panels = [highest, throughput, cpu, crowdCpu, memory].map((metric) => bars(metric, of(results, metric)));
  return page(panels);
}

/** One panel a curve: cost over size, both axes logarithmic. */
export function plotCurves(results: Results): string {
  const curves = [cpuByWatchers, cpuByPayload, publishCpu, cpuByPatterns, cpuByWanting];
  return page(curves.map((metric) => lines(metric, of(results, metric))));
}

function of({ figures }: Results, metric: Metric): Figure[] {
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
  const names = [...new Set(figures.map(({ contender }) => contender))];
  const ticks = [...new Set(xs)].map((x) => text(across(x), HEIGHT - BOTTOM + 16, formatNumber(x, 0), 'middle'));
  const curves = names.map((name, i) =>
    curve(
      figures.filter(({ contender }) => contender === name),
      name,
      i,
      across,
      up,
      metric.digits,
    ),
  );
  const axis = `<path class="axis" d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - 16}"/>`;
  return (
    title(metric) + axis + ticks.join('') + text(WIDTH - 16, HEIGHT - 6, metric.over ?? '', 'end') + curves.join('')
  );
}

function curve(
  figures: readonly Figure[],
  name: string,
  index: number,
  across: (x: number) => number,
  up: (y: number) => number,
  digits: number,
): string {
  const points = figures.map(({ x = 1, median }) => ({ x: across(x), y: up(median), median }));
  const path = points.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L');
  const dots = points.map(
    ({ x, y, median }) =>
      `<circle class="${classOf(name)}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3"/>${text(x, y + (index === 0 ? 16 : -7), formatNumber(median, digits), 'middle')}`,
  );
  const key = `<rect class="${classOf(name)}" x="${LEFT + 8 + index * 110}" y="24" width="10" height="10"/>${text(LEFT + 22 + index * 110, 33, name)}`;
  return `<path class="line ${classOf(name)}" d="M${path}"/>${dots.join('')}${key}`;
}

function scale(values: readonly number[], from: number, to: number): (value: number) => number {
  const low = Math.log(Math.min(...values));
  const range = Math.log(Math.max(...values)) - low || 1;
  return (value) => from + ((Math.log(value) - low) / range) * (to - from);
}

function title({ label, unit }: Metric): string {
  return `<text class="title" x="0" y="14">${escapeXml(`${label}, ${unit}`)}</text>`;
}

function text(x: number, y: number, content: string, anchor = 'start'): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escapeXml(content)}</text>`;
}

function escapeXml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function classOf(contender: string): string {
  return contender.startsWith('Sluice') ? 'ours' : contender === 'nchan' ? 'rival' : 'other';
}

/** Colours follow the reader's, and a ground of its own keeps it legible where they do not reach. */
function page(panels: readonly string[]): string {
  const width = COLUMNS * (WIDTH + MARGIN) + MARGIN;
  const height = Math.ceil(panels.length / COLUMNS) * (HEIGHT + MARGIN) + MARGIN;
  const placed = panels.map((panel, i) => {
    const x = MARGIN + (i % COLUMNS) * (WIDTH + MARGIN);
    const y = MARGIN + Math.floor(i / COLUMNS) * (HEIGHT + MARGIN);
    return `<g transform="translate(${x} ${y})">${panel}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<style>
  .ground { fill: #ffffff } text { font: 12px system-ui, sans-serif; fill: #1f2328 } .title { font-weight: 600 }
  .ours { fill: #0969da; stroke: #0969da } .rival { fill: #bc4c00; stroke: #bc4c00 } .other { fill: #6e7781; stroke: #6e7781 }
  .axis { fill: none; stroke: #8c959f } path.line { fill: none; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } text { fill: #e6edf3 } .axis { stroke: #6e7681 }
    .ours { fill: #58a6ff; stroke: #58a6ff } .rival { fill: #f0883e; stroke: #f0883e } .other { fill: #8b949e; stroke: #8b949e }
  }
</style>
<rect class="ground" width="${width}" height="${height}" rx="6"/>
${placed.join('\n')}
</svg>
`;
}
