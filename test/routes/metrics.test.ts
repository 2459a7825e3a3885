import t from 'tap';
import { version } from '../../src/package.js';
import { build } from '../support/build.js';
import { START } from '../support/clock.js';
import { watch } from '../support/watch.js';

const SAMPLE =
  /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{([a-z]+="[^"\\\n]*"(?:,[a-z]+="[^"\\\n]*")*)\})? (-?[0-9.e+-]+|NaN|[+-]Inf)$/;

/** The samples by name and labels, in the Prometheus text format; throws for a line that is not of it. */
function parse(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  const typed = new Set<string>();
  for (const line of text.split('\n').filter((line) => line !== '' && !line.startsWith('# HELP '))) {
    const [, typedName] = /^# TYPE (\S+) (?:counter|gauge|histogram|summary)$/.exec(line) ?? [];
    const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
    if (typedName !== undefined) {
      typed.add(typedName);
    } else if (name !== undefined && typed.has(name)) {
      samples.set(`${name}{${labels}}`, Number(value));
    } else {
      throw new Error(`no sample: ${line}`);
    }
  }
  return samples;
}

t.test('GET /metrics is Prometheus text with the true counts', async (t) => {
  const { app } = await build(t, { maxConnections: 3 });
  const { id } = await app.bus.publish({ stream: 'a', data: 1 });
  await watch(app, '/sse/a', { 'last-event-id': id });
  const gone = await watch(app, '/sse/a');
  await watch(app, '/sse/b', { 'last-event-id': 'nonsense' });
  await watch(app, '/sse/c');
  await gone.leave();
  await app.bus.publish({ stream: 'a', data: 2 });
  await app.bus.publish({ stream: 'b', data: 3 });
  await new Promise((resolve) => setImmediate(resolve));
  const response = await app.inject('/metrics');
  t.equal(response.statusCode, 200);
  t.match(response.headers['content-type'], /^text\/plain; version=0\.0\.4; charset=utf-8/);
  t.equal(response.headers['cache-control'], 'no-store');
  const samples = parse(response.body);
  const expected = {
    'sluice_ready{}': 1,
    'sluice_connections{}': 2,
    'sluice_max_connections{}': 3,
    'sluice_log_events{}': 3,
    'sluice_log_streams{}': 2,
    'sluice_max_streams{}': 100_000,
    'sluice_start_time_seconds{}': START / 1000,
    [`sluice_info{version="${version}"}`]: 1,
    'sluice_log_head{}': 3,
    'sluice_window_events{}': 3,
    'sluice_http_requests_total{}': 5,
    'sluice_http_errors_total{code="SLUICE_INTERNAL"}': 0,
    'sluice_http_errors_total{code="SLUICE_DISK_FULL"}': 0,
    'sluice_http_errors_total{code="SLUICE_TOO_MANY_STREAMS"}': 0,
    'sluice_events_published_total{}': 3,
    'sluice_deliveries_total{}': 2,
    'sluice_connections_refused_total{code="SLUICE_TOO_MANY_CONNECTIONS"}': 1,
    'sluice_connections_refused_total{code="SLUICE_SHUTTING_DOWN"}': 0,
    'sluice_connections_closed_total{reason="client"}': 1,
    'sluice_resumes_total{resume="exact"}': 1,
    'sluice_resumes_total{resume="fresh"}': 1,
    'sluice_resumes_total{resume="gap"}': 1,
  };
  for (const [name, value] of Object.entries(expected)) {
    t.equal(samples.get(name), value, name);
  }
  app.streams.stopAccepting();
  const stopping = parse((await app.inject('/metrics')).body);
  t.equal(stopping.get('sluice_ready{}'), 0, 'as /readyz says');
});
