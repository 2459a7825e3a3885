import type uPlot from 'uplot';

/** Pixels. */
export const chartHeight = 220;
/** Seconds on screen, and fewer while there is less. */
const SPAN_S = 120;
const MIN_SPAN_S = 20;

/** How the price is drawn, in the colours the element has now. */
export function createOptions(element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(name);
  const axis = {
    stroke: color('--muted'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
    font: `12px ${style.fontFamily}`,
  };
  return {
    width: element.clientWidth,
    height: chartHeight,
    cursor: { show: false },
    legend: { show: false },
    // The last label stands half beside the axis.
    padding: [8, 28, 0, 0],
    scales: { x: { range: scroll }, y: { range: pad } },
    axes: [
      { ...axis, values: '{HH}:{mm}:{ss}', space: 90, size: 28 },
      { ...axis, size: 56, values: (_plot, values) => values.map((value) => value.toFixed(2)) },
    ],
    series: [{}, { stroke: color('--accent'), fill: color('--accent-soft'), width: 2, points: { show: isSingle } }],
  };
}

/** Of a single time uPlot itself would show the day after it. */
function scroll({ data: [times] }: uPlot): uPlot.Range.MinMax {
  const [first = 0] = times;
  const last = times.at(-1) ?? 0;
  return [Math.min(Math.max(first, last - SPAN_S), last - MIN_SPAN_S), last];
}

function pad(_plot: uPlot, min: number, max: number): uPlot.Range.MinMax {
  const space = Math.max(0.5, (max - min) * 0.15);
  return [min - space, max + space];
}

/** One price makes no line. */
function isSingle(plot: uPlot): boolean {
  return plot.data[0].length === 1;
}
