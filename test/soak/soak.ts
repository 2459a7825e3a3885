import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compileServer, freePort, TorturedServer } from '../torture/server.js';
import { compare, type Figures, type Growth, measure } from './figures.js';
import { type LoadOptions, load } from './load.js';
import { Numbers } from './numbers.js';

/** Short limits, so that everything bounded is full before the first measurement. */
const SETTINGS = {
  DEMO: 'true',
  WINDOW_BYTES: '1048576',
  HISTORY_EVENTS: '3000',
  HISTORY_BYTES: '33554432',
  IDEMPOTENCY_WINDOW_MS: '3000',
  MAX_STREAMS: '2000',
  MAX_BUFFERED_BYTES: '65536',
  MAX_OPENS_PER_IP: '0',
  RETRY_MS: '500',
  HEARTBEAT_INTERVAL_MS: '2000',
};
const PROBE = join(import.meta.dirname, 'probe.js');
const NODE_OPTIONS = ['--expose-gc', '--disable-warning=ExperimentalWarning', '--import', PROBE];
/** After a load: keep-alive connections, receipts and what retention owes take a few seconds. */
const SETTLE_MS = 10_000;
const MAX_WARM_UP_MS = 300_000;

interface SoakReport {
  readonly growth: Record<keyof Figures, Growth>;
  readonly published: number;
  readonly received: number;
  readonly exact: number;
  /** Watchers that were cut off because they did not read. */
  readonly slow: number;
  readonly requests: number;
  readonly complaints: readonly string[];
}

/**
 * Puts a server of its own under every kind of load, and holds what it has afterwards against what it had before.
 * @param ms how long; a quarter of it, at most five minutes, is the warm-up before the first measurement
 */
export async function soak(directory: string, ms: number, options: LoadOptions): Promise<SoakReport> {
  const compiled = compileServer();
  const server = new TorturedServer(compiled, await freePort(), { ...SETTINGS, DATA_DIR: directory }, NODE_OPTIONS);
  const { port } = server;
  const numbers = new Numbers();
  const warmUpMs = Math.min(ms / 4, MAX_WARM_UP_MS);
  await server.start().ready;
  try {
    const before = await load(port, warmUpMs, numbers, { ...options, seed: `${options.seed}/warm-up` });
    const start = await settle(server);
    const outcome = await load(port, ms - warmUpMs - 2 * SETTLE_MS, numbers, options);
    const end = await settle(server);
    const counters = await metrics(port);
    await server.stop();
    return {
      growth: compare(start, end),
      published: numbers.total,
      received: before.received + outcome.received,
      exact: before.exact + outcome.exact,
      slow: counters('sluice_connections_closed_total{reason="slow"}'),
      requests: counters('sluice_http_requests_total'),
      complaints: [...before.complaints, ...outcome.complaints, ...server.complaints],
    };
  } finally {
    await server.kill();
    rmSync(compiled, { recursive: true });
  }
}

async function settle({ process }: TorturedServer): Promise<Figures> {
  await sleep(SETTLE_MS);
  return measure(process);
}

/** The counters of the server, by name and labels as they are written. */
async function metrics(port: number): Promise<(name: string) => number> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  const lines = new Map((await answer.text()).split('\n').map((line) => line.split(' ') as [string, string]));
  return (name) => Number(lines.get(name));
}
