import { mkdtempSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { hasNchan, startNchan } from '../peers/nchan.js';
import { type Child, startChild } from '../support/child.js';

/** A server that is compared. */
export interface Contender {
  readonly name: string;
  /** Paths as `Target` has them. */
  readonly watch: string;
  readonly publish: string;
  start(): Promise<Child>;
}

const isPinned = cpus().length > 1;
/** Server and load get a core each where there are two. */
const SERVER_CPU = isPinned ? 0 : undefined;
export const CLIENT_CPU = isPinned ? 1 : undefined;
/** Directory for the log on disk: not /tmp, which may be memory. */
const BASE = process.env.BENCH_DIR ?? '.';

const sse = { watch: '/sse/{}', publish: '/sse/{}' };

function sluice(name: string, log: 'memory' | 'disk'): Contender {
  return {
    name,
    ...sse,
    async start() {
      const directory = mkdtempSync(join(BASE, '.bench-'));
      const env = { LOG: log, DATA_DIR: directory, PORT: '0', DEMO: 'false', NODE_ENV: 'production' };
      const child = await startChild(['dist/src/server.js'], env, SERVER_CPU);
      return {
        ...child,
        async stop() {
          await child.stop();
          rmSync(directory, { recursive: true, force: true });
        },
      };
    },
  };
}

function program(name: string, file: string): Contender {
  const args = ['--import=tsx', join(import.meta.dirname, '..', file)];
  return { name, ...sse, start: () => startChild(args, { NODE_ENV: 'production' }, SERVER_CPU) };
}

export const memory = sluice('Sluice', 'memory');
export const disk = sluice('Sluice, disk', 'disk');
/** Each watcher by a pattern that takes in 100 streams. */
export const patterns: Contender = { ...memory, watch: '/events?streams={}.*', publish: '/sse/{}.#' };
export const nchan: Contender = {
  name: 'nchan',
  watch: '/watch?id={}',
  publish: '/publish?id={}',
  start: () => startNchan(SERVER_CPU),
};
const betterSse = program('better-sse', 'peers/better-sse.ts');
const fastifySse = program('@fastify/sse', 'peers/fastify-sse.ts');
export const loop = program('res.write loop', 'peers/loop.ts');
export const bare = program('bare Fastify POST', 'support/bare.ts');

const isThere = (contender: Contender) => contender !== nchan || hasNchan;
export const all = [memory, disk, nchan, loop, betterSse, fastifySse].filter(isThere);
/** Those with streams that begin by being used. */
export const hubs = [memory, disk, nchan].filter(isThere);
/** Those that a curve compares. */
export const pair = [memory, nchan].filter(isThere);
