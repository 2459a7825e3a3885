import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useDarkMode } from '../ui/use-dark-mode.js';
import { chartHeight, createOptions } from './chart-options.js';
import type { Price } from './shapes.js';

/** The price over the last two minutes; it scrolls as prices come. */
export function StockChart({ prices }: { prices: readonly Price[] }) {
  // A canvas does not follow style sheets: another key draws it anew in the other colours.
  const key = useDarkMode() ? 'dark' : 'light';
  return <Plot key={key} prices={prices} />;
}

function Plot({ prices }: { prices: readonly Price[] }) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);

  useEffect(() => {
    const { current: element } = host;
    if (element === null) {
      return;
    }
    const chart = new uPlot(createOptions(element), [[], []], element);
    plot.current = chart;
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: chartHeight }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, []);

  useEffect(() => {
    plot.current?.setData([prices.map(({ time }) => time / 1000), prices.map(({ price }) => price)]);
  }, [prices]);

  return <div ref={host} className="chart" role="img" aria-label={describe(prices)} />;
}

function describe(prices: readonly Price[]): string {
  const values = prices.map(({ price }) => price);
  const range = `between ${Math.min(...values).toFixed(2)} and ${Math.max(...values).toFixed(2)}`;
  return `Chart of the price, ${range} so far, now ${values.at(-1)?.toFixed(2)}`;
}
