import { systemClock } from '../src/clock.js';
import { type EventInput, prepareEvent } from '../src/events/event.js';
import { parseSelection } from '../src/events/selection.js';
import { MemoryLog } from '../src/log/memory/memory-log.js';
import { judge } from '../src/streams/resume/resume.js';

/**
 * What it costs to judge everyone who comes back at once: 15,000 rejoins on `*` and on `orders.*`, with 100,000
 * streams of which half were trimmed past the cursor. Run it with `npm run bench:verdict`.
 */
const STREAMS = 100_000;
const REJOINS = 15_000;
const BATCH = 1000;

const all = Number.POSITIVE_INFINITY;
const retention = { events: all, bytes: all, ageMs: all, eventsPerStream: all, streams: all, receiptsMs: all };
const log = new MemoryLog(retention, systemClock);

async function publish(): Promise<void> {
  const events = Array.from({ length: STREAMS }, (_, i): EventInput => ({ stream: `orders.${i}`, data: i }));
  for (let i = 0; i < events.length; i += BATCH) {
    await log.append(events.slice(i, i + BATCH).map((event) => prepareEvent(event, 1000)));
  }
}

function measure(pattern: string, cursor: string): void {
  const selection = parseSelection(pattern);
  const { verdict } = judge(log, selection, cursor);
  const started = performance.now();
  const used = process.cpuUsage();
  for (let i = 0; i < REJOINS; i++) {
    judge(log, selection, cursor);
  }
  const { user, system } = process.cpuUsage(used);
  const total = `${(performance.now() - started).toFixed(0)} ms in all`;
  const each = `${((user + system) / REJOINS).toFixed(2)} µs of CPU a verdict`;
  console.log(`${pattern.padEnd(10)} ${verdict.resume.padEnd(6)} ${total}, ${each}`);
}

await publish();
const cursor = log.cursorAt(log.head);
await publish();
for (let i = 0; i < STREAMS; i += 2) {
  await log.purge(`orders.${i}`);
}
console.log(
  `${REJOINS} rejoins, ${STREAMS} streams, ${log.streams.trimmedAfter(parseSelection('*'), 0).count} trimmed`,
);
for (const pattern of ['*', 'orders.*']) {
  measure(pattern, cursor);
  measure(pattern, log.cursorAt(log.head));
}
await log.close();
