import { Empty } from '../ui/card.js';
import { formatBytes, formatCount } from '../ui/format.js';
import { Sparkline } from '../ui/sparkline.js';
import { MAX_SAMPLES } from './live-state.js';
import type { Metrics } from './shapes.js';

interface TileProps {
  readonly label: string;
  readonly value: string;
  readonly detail: string;
  readonly values: readonly number[];
  readonly max?: number;
}

/** The server's own figures, each with its last minutes. */
export function MetricTiles({ metrics }: { metrics: readonly Metrics[] }) {
  const latest = metrics.at(-1);
  if (latest === undefined) {
    return <Empty>Waiting for the first figures of the server.</Empty>;
  }
  const { cpu, memory, requests, clients, load, rssBytes, uptime } = latest;
  const rates = toRates(metrics);
  const column = (name: 'cpu' | 'memory' | 'clients') => metrics.map((sample) => sample[name]);
  return (
    <dl className="tiles">
      <Tile label="CPU" value={`${cpu} %`} detail={`load ${load.toFixed(2)}`} values={column('cpu')} max={100} />
      <Tile
        label="Memory"
        value={`${memory} %`}
        detail={`server ${formatBytes(rssBytes)}`}
        values={column('memory')}
        max={100}
      />
      <Tile
        label="Requests"
        value={`${(rates.at(-1) ?? 0).toFixed(1)} /s`}
        detail={`${formatCount(requests)} in all`}
        values={rates}
      />
      <Tile
        label="Clients"
        value={formatCount(clients)}
        detail={`up ${formatDuration(uptime)}`}
        values={column('clients')}
      />
    </dl>
  );
}

function Tile({ label, value, detail, values, max }: TileProps) {
  return (
    <div className="tile">
      <dt>{label}</dt>
      <dd>
        <span className="figure">{value}</span>
        <Sparkline values={values} capacity={MAX_SAMPLES} {...(max !== undefined && { max })} />
        <span className="muted">{detail}</span>
      </dd>
    </div>
  );
}

/** Requests a second between two samples; a restart of the server begins at none again. */
function toRates(metrics: readonly Metrics[]): number[] {
  return metrics.slice(1).map(({ requests, time }, index) => {
    const before = metrics[index] ?? { requests, time: 0 };
    return (Math.max(0, requests - before.requests) * 1000) / Math.max(1, time - before.time);
  });
}

function formatDuration(seconds: number): string {
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  return hours > 0 ? `${hours} h ${minutes % 60} min` : minutes > 0 ? `${minutes} min` : `${seconds} s`;
}
