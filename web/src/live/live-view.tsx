import { useReducer } from 'react';
import { ConnectionStatus } from '../connection/connection-status.js';
import { type Source, useConnection } from '../connection/use-connection.js';
import { eventsUrl, hubUrl, watchCommand } from '../hub/url.js';
import { Card, Empty } from '../ui/card.js';
import { Command } from '../ui/command.js';
import { plural } from '../ui/format.js';
import { Jobs } from './jobs.js';
import { addBatch, EMPTY } from './live-state.js';
import { MetricTiles } from './metric-tiles.js';
import { NotificationFeed } from './notification-feed.js';
import { NotifyForm } from './notify-form.js';
import type { Price } from './shapes.js';
import { StockChart } from './stock-chart.js';

const source: Source = { url: eventsUrl('stock,metrics,notifications,progress,tasks.*') };
const HELLO = `curl -H 'content-type: text/plain' -d 'hello, world' ${hubUrl('sse/hello')}`;

/** Everything at once, over one connection. */
export function LiveView() {
  const [live, add] = useReducer(addBatch, EMPTY);
  const { link } = useConnection(source, add);
  return (
    <>
      <div className="bar">
        <ConnectionStatus link={link} />
        <span className="muted">{plural(live.total, 'event')} over one connection</span>
      </div>
      <div className="live">
        <Card title="Stock price" className="stock" aside={<LatestPrice price={live.prices.at(-1)} />}>
          {live.prices.length === 0 ? (
            <Empty>Waiting for a price. The demo sends one every two seconds; with DEMO=false nobody does.</Empty>
          ) : (
            <StockChart prices={live.prices} />
          )}
        </Card>
        <Card title="This server" className="metrics">
          <MetricTiles metrics={live.metrics} />
        </Card>
        <Card title="Notifications" className="notifications">
          <NotificationFeed notifications={live.notifications} />
          <NotifyForm />
        </Card>
        <Card title="Jobs" className="jobs-card">
          <Jobs jobs={live.jobs} />
        </Card>
        <Card title="From a terminal" className="terminal" aside={<a href="#/streams/hello">Watch it here</a>}>
          <p className="muted">Watch a stream in one terminal, publish to it from another.</p>
          <Command text={watchCommand('hello')} label="command that watches" />
          <Command text={HELLO} label="command that publishes" />
        </Card>
      </div>
    </>
  );
}

function LatestPrice({ price }: { price: Price | undefined }) {
  if (price === undefined) {
    return null;
  }
  const arrow = price.trend > 0 ? '▲' : price.trend < 0 ? '▼' : '■';
  return (
    <span className="price" data-trend={price.trend}>
      <span aria-hidden="true">{arrow}</span> {price.price.toFixed(2)}
    </span>
  );
}
