import { Session } from 'node:inspector/promises';

/**
 * Prints how many steps of the domain one publish takes: every function and block in src/ that runs, counted by V8. Its own
 * process, because the counters are the process's, and the coverage of the suite uses them too.
 * Arguments: other streams watched by name, other patterns, watchers of the event.
 */
const [names = 0, patterns = 0, wanting = 0] = process.argv.slice(2).map(Number);
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

// Only what is compiled from here on is counted block by block.
const { turn } = await import('../support/clock.js');
const { createHub } = await import('../support/hub.js');
const hub = createHub({ registry: { windowBytes: Number.MAX_SAFE_INTEGER } });
for (let i = 0; i < names; i++) {
  hub.watch(`other.${i}`);
  await hub.bus.publish({ stream: `other.${i}`, data: i });
}
for (let i = 0; i < patterns; i++) {
  hub.watch(`pattern.${i}.*`, { format: 'envelope' });
}
while (hub.streams.traffic.deliveries < names) {
  await turn();
}
const watchers = Array.from({ length: wanting }, () => hub.watch('wanted'));
await publish();
await session.post('Profiler.takePreciseCoverage');
await publish();
const { result } = await session.post('Profiler.takePreciseCoverage');
const steps = result
  .filter(({ url }) => url.includes('/src/'))
  .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges.map(({ count }) => count)))
  .reduce((sum, count) => sum + count, 0);
console.log(JSON.stringify({ steps, delivered: watchers.every(({ events }) => events.length === 2) }));
process.exit();

async function publish(): Promise<void> {
  await hub.bus.publish({ stream: 'wanted', data: 'x' });
  await turn();
}
