import { useMemo, useReducer } from 'react';
import { ConnectionStatus } from '../connection/connection-status.js';
import { useConnection } from '../connection/use-connection.js';
import { eventsUrl, hubUrl, watchCommand } from '../hub/url.js';
import { Allowed } from '../session/allowed.js';
import { allowedOf, mayPublish, maySubscribe } from '../session/rights.js';
import { useSession } from '../session/use-access.js';
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

const STREAMS = ['stock', 'metrics', 'notifications', 'progress', 'tasks.*'];
const HELLO = `curl -H 'content-type: text/plain' -d 'hello, world' ${hubUrl('sse/hello')}`;

/** Everything at once, over one connection. */
export function LiveView() {
  const session = useSession();
  const [live, add] = useReducer(addBatch, EMPTY);
  const allowed = allowedOf(session, STREAMS).join();
  const source = useMemo(() => (allowed === '' ? undefined : { url: eventsUrl(allowed) }), [allowed]);
  const { link, retry } = useConnection(source, add);
  return (
    <>
      <div className="bar">
        <ConnectionStatus link={link} onRetry={retry} />
        <span className="muted">{plural(live.total, 'event')} over one connection</span>
      </div>
      <div className="live">
        <Card title="Stock price" className="stock" aside={<LatestPrice price={live.prices.at(-1)} />}>
          <Allowed streams={['stock']}>
            {live.prices.length === 0 ? (
              <Empty>Waiting for a price. With demo streams on, one comes every two seconds.</Empty>
            ) : (
              <StockChart prices={live.prices} />
            )}
          </Allowed>
        </Card>
        <Card title="This server" className="metrics">
          <Allowed streams={['metrics']}>
            <MetricTiles metrics={live.metrics} />
          </Allowed>
        </Card>
        <Card title="Notifications" className="notifications">
          <Allowed streams={['notifications']}>
            <NotificationFeed notifications={live.notifications} />
          </Allowed>
          {mayPublish(session, 'notifications') && <NotifyForm />}
        </Card>
        <Card title="Jobs" className="jobs-card">
          <Allowed streams={['progress', 'tasks.*']}>
            <Jobs jobs={live.jobs} />
          </Allowed>
        </Card>
        {maySubscribe(session, 'hello') && mayPublish(session, 'hello') && <Terminal />}
      </div>
    </>
  );
}

function Terminal() {
  return (
    <Card title="From a terminal" className="terminal" aside={<a href="#/streams/hello">Watch it here</a>}>
      <p className="muted">Watch a stream in one terminal, publish to it from another.</p>
      <Command text={watchCommand('hello')} label="command that watches" />
      <Command text={HELLO} label="command that publishes" />
    </Card>
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
