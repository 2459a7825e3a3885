import { memory } from './contenders.js';
import { median } from './figures.js';
import { print } from './print.js';
import { withSession } from './session.js';

/** As many watchers as one process takes, left alone with their heartbeats: what they cost, and how evenly it is spread. */
const WATCHERS = Number(process.argv[2] ?? 19_000);
const SECONDS = Number(process.argv[3] ?? 60);
/** The default of `HEARTBEAT_INTERVAL_MS`: after one, all have had their first. */
const INTERVAL_S = 15;

await withSession(memory, { watchers: WATCHERS }, async ({ call, connected }) => {
  await call('hold', { seconds: INTERVAL_S });
  const { cpuSeconds, beats, closed } = await call('hold', { seconds: SECONDS });
  const pss = await call('memory');
  const received = beats.reduce((sum, count) => sum + count, 0);
  const expected = (WATCHERS * SECONDS) / INTERVAL_S;
  print({
    'watchers held': WATCHERS - closed,
    seconds: SECONDS,
    'heartbeats received': received,
    'heartbeats due': expected,
    'in a tenth of a second, least': Math.min(...beats),
    'in a tenth of a second, median': median(beats),
    'in a tenth of a second, most': Math.max(...beats),
    'CPU of the server, % of a core': ((cpuSeconds / SECONDS) * 100).toFixed(2),
    'CPU per heartbeat, µs': ((cpuSeconds * 1e6) / received).toFixed(1),
    'memory per watcher, kB': ((pss - connected.pssBeforeKb) / WATCHERS).toFixed(2),
    'CPU per accepted watcher, µs': ((connected.cpuSeconds * 1e6) / WATCHERS).toFixed(0),
  });
  process.exitCode = closed === 0 && received > expected * 0.98 ? 0 : 1;
});
