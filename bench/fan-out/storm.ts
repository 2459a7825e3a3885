import { sampleDuring } from '../support/sample.js';
import { memory } from './contenders.js';
import { print } from './print.js';
import { withSession } from './session.js';

/** Every watcher comes back at once, some events behind: whether each gets exactly those, how long it takes, what else answers. */
const WATCHERS = Number(process.argv[2] ?? 15_000);
const MISSED = 100;
const PROBE_MS = 50;

async function probe(url: string): Promise<number> {
  const start = performance.now();
  const { ok } = await fetch(`${url}/livez`);
  return ok ? performance.now() - start : Number.POSITIVE_INFINITY;
}

await withSession(memory, { watchers: WATCHERS }, async ({ call, server, connected }) => {
  const cursor = await call('publish', { events: 1 });
  await call('hold', { seconds: 1 });
  await call('cut', { watchers: WATCHERS });
  await call('publish', { events: MISSED });
  const returning = call('comeBack', { cursor, missed: MISSED });
  const [returned, livez] = await sampleDuring(returning, PROBE_MS, () => probe(server.url));
  const { seconds, cpuSeconds, exact, delivered, expected, faults, closed } = returned;
  print({
    'watchers that came back at once': WATCHERS,
    'events each of them had missed': MISSED,
    'told exact': exact,
    'events delivered': delivered,
    'lost, doubled or out of order': Math.abs(expected - delivered) + faults,
    'streams that broke': closed,
    'seconds until each had what it missed': seconds.toFixed(2),
    'CPU seconds of the server': cpuSeconds.toFixed(2),
    '/livez answered meanwhile, times': livez.length,
    '/livez at its slowest, ms': Math.max(...livez).toFixed(0),
    'memory of the server after it, MB': ((await call('memory')) / 1024).toFixed(0),
    'memory before the first watcher, MB': (connected.pssBeforeKb / 1024).toFixed(0),
  });
  process.exitCode = exact === WATCHERS && delivered === expected && faults === 0 ? 0 : 1;
});
