import fp from 'fastify-plugin';
import { Counter, Gauge, Registry } from 'prom-client';
import type { HubContext } from '../../src/context.js';
import type { ErrorCode } from '../../src/errors.js';
import { unreadiness } from '../../src/limits/readiness.js';
import { version } from '../../src/package.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** The figures of this hub for Prometheus. */
    metrics: Registry;
  }
}

/** Errors that are the server's, not the client's. */
const ALERTING = { SLUICE_INTERNAL: 0, SLUICE_DISK_FULL: 0, SLUICE_TOO_MANY_STREAMS: 0 } satisfies Partial<
  Record<ErrorCode, number>
>;

/** The hub counts for itself; a scrape only copies the counts. */
export default fp<HubContext>(
  async (app, { config, clock, figures, load }) => {
    const registry = new Registry();
    const { streams, bus } = app;
    const start = clock.now() / 1000;
    gauge(registry, 'sluice_start_time_seconds', 'When it started, seconds since the epoch', () => start);
    info(registry, { version });
    gauge(registry, 'sluice_ready', '1 while /readyz answers 200, else 0', () =>
      unreadiness(streams, bus.log, load) === undefined ? 1 : 0,
    );
    gauge(registry, 'sluice_connections', 'Open event streams', () => streams.size);
    gauge(registry, 'sluice_max_connections', 'Event streams that may be open', () => config.maxConnections);
    gauge(registry, 'sluice_log_events', 'Events retained', () => bus.log.usage().events);
    gauge(registry, 'sluice_log_bytes', 'Bytes of events retained', () => bus.log.usage().bytes);
    gauge(registry, 'sluice_log_streams', 'Streams remembered', () => bus.log.usage().streams);
    gauge(registry, 'sluice_max_streams', 'Streams with published events that may be', () => config.maxStreams);
    gauge(registry, 'sluice_log_head', 'Newest position', () => bus.log.head);
    gauge(registry, 'sluice_window_events', 'Events in memory', () => streams.window.size);
    gauge(registry, 'sluice_window_bytes', 'Bytes of events and frames in memory', () => streams.window.bytes);
    counter(
      registry,
      'sluice_log_commits_total',
      'Commits; each holds all that arrived during the one before',
      () => bus.log.usage().commits,
    );
    counter(registry, 'sluice_log_commit_seconds_total', 'Time spent in commits', () => bus.log.usage().commitSeconds);
    counter(registry, 'sluice_http_requests_total', 'Requests', () => figures.requests);
    // What is worth an alert is there from the start: Prometheus sees no growth in a series that begins.
    const errors = () => ({ ...ALERTING, ...figures.rejected });
    labelled(registry, 'sluice_http_errors_total', 'Requests answered with an error', 'code', errors);
    counter(registry, 'sluice_events_published_total', 'Events accepted', () => streams.traffic.events);
    counter(registry, 'sluice_deliveries_total', 'Events queued to live connections', () => streams.traffic.deliveries);
    labelled(registry, 'sluice_connections_refused_total', 'Event streams refused', 'code', () => streams.refused);
    labelled(registry, 'sluice_connections_closed_total', 'Event streams ended', 'reason', () => streams.closed);
    labelled(registry, 'sluice_resumes_total', 'Verdicts given', 'resume', () => streams.resumed);
    app.decorate('metrics', registry);
  },
  { name: 'sluice-metrics', dependencies: ['sluice-streams', 'sluice-bus'] },
);

type Counts = Readonly<Record<string, number>>;

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

function info(registry: Registry, labels: Readonly<Record<string, string>>): void {
  const help = 'What runs, in the labels; always 1';
  new Gauge({ name: 'sluice_info', help, labelNames: Object.keys(labels), registers: [registry] }).set(labels, 1);
}

function counter(registry: Registry, name: string, help: string, read: () => number): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}

function labelled(registry: Registry, name: string, help: string, label: string, read: () => Counts): void {
  new Counter({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const [value, count] of Object.entries(read())) {
        this.inc({ [label]: value }, count);
      }
    },
  });
}
