import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { Histogram } from './client/histogram.js';
import { startChild } from './support/child.js';
import { type Disk, inspectDisk } from './support/disk.js';

/** Publishes as fast as each server takes it: how many a second, and how long each waits. */
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '5' }, out: { type: 'string' } } });
const SECONDS = Number(values.seconds);
/** Until V8 has compiled what publishing runs through. */
const WARM_UP_SECONDS = 2;
const OUTSTANDING = [1, 16, 256];
const BATCH = 100;
const PAYLOAD = { message: 'x'.repeat(170) };
const base = resolve(process.env.BENCH_DIR ?? '.bench');

interface Load {
  readonly name: string;
  readonly path: string;
  readonly body: string;
  readonly eventsPerRequest: number;
}

interface Row {
  readonly server: string;
  readonly load: string;
  readonly outstanding: number;
  readonly eventsPerSecond: number;
  readonly p99Ms: number;
  readonly failed: number;
}

const loads: readonly Load[] = [
  { name: 'single', path: '/sse/bench', body: JSON.stringify(PAYLOAD), eventsPerRequest: 1 },
  {
    name: `batch of ${BATCH}`,
    path: '/events',
    body: JSON.stringify(Array.from({ length: BATCH }, () => ({ stream: 'bench', data: PAYLOAD }))),
    eventsPerRequest: BATCH,
  },
];

const servers = [
  { name: 'bare Fastify', args: ['--import=tsx', 'bench/support/bare.ts'], env: {} },
  { name: 'Sluice, memory', args: ['dist/src/server.js'], env: { LOG: 'memory' } },
  { name: 'Sluice, disk', args: ['dist/src/server.js'], env: { LOG: 'disk' } },
];

async function measure(server: (typeof servers)[number], load: Load, outstanding: number): Promise<Row> {
  const dataDir = join(base, 'data');
  rmSync(dataDir, { recursive: true, force: true });
  const env = { ...server.env, DATA_DIR: dataDir, PORT: '0', DEMO: 'false', NODE_ENV: 'production' };
  const child = await startChild(server.args, env, undefined);
  try {
    const { path, body, eventsPerRequest } = load;
    const options = {
      url: `${child.url}${path}`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      connections: outstanding,
    } as const;
    await run({ ...options, duration: WARM_UP_SECONDS });
    const { result, latency } = await run({ ...options, duration: SECONDS });
    return {
      server: server.name,
      load: load.name,
      outstanding,
      eventsPerSecond: Math.round((result['2xx'] / result.duration) * eventsPerRequest),
      p99Ms: Math.round(latency.quantile(0.99)),
      failed: result.non2xx + result.errors,
    };
  } finally {
    await child.stop();
  }
}

/** Latency without the first answer on each connection: a busy Node.js accepts one connection in each turn of its event loop. */
async function run(options: autocannon.Options): Promise<{ result: autocannon.Result; latency: Histogram }> {
  const latency = new Histogram();
  const begun = new WeakSet<autocannon.Client>();
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon(options, (error, result) => (error ? reject(error) : resolve(result)));
    instance.on('response', (client, _status, _bytes, ms) => {
      begun.has(client) ? latency.record(ms) : begun.add(client);
    });
  });
  return { result, latency };
}

function report(disk: Disk, rows: readonly Row[]): void {
  console.log(
    `\n${disk.kind}, fdatasync ${disk.syncMs.toFixed(3)} ms; Node ${process.version}; ${cpus()[0]?.model}, ${cpus().length} cores`,
  );
  console.table(
    rows.map((row) => ({
      ...row,
      'of bare': ratio(rows, row, 'bare Fastify'),
      'of memory': ratio(rows, row, 'Sluice, memory'),
    })),
  );
  if (values.out !== undefined) {
    writeFileSync(values.out, JSON.stringify({ disk, node: process.version, seconds: SECONDS, rows }, null, 2));
  }
}

function ratio(rows: readonly Row[], row: Row, name: string): string {
  const peer = rows.find(
    ({ server, load, outstanding }) => server === name && load === row.load && outstanding === row.outstanding,
  );
  return peer === undefined ? '' : (row.eventsPerSecond / peer.eventsPerSecond).toFixed(2);
}

mkdirSync(base, { recursive: true });
const disk = inspectDisk(base);
const rows: Row[] = [];
for (const load of loads) {
  for (const outstanding of OUTSTANDING) {
    for (const server of servers) {
      rows.push(await measure(server, load, outstanding));
    }
  }
}
rmSync(base, { recursive: true, force: true });
report(disk, rows);
