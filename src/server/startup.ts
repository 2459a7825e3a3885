import { resolve } from 'node:path';
import type { HubConfig } from '../config/settings.js';
import type { EventLog } from '../log/event-log.js';
import type { Logger } from '../logger.js';
import { version } from '../package.js';
import { type Slip, slipsIn } from './environment.js';

/** What has started. */
interface Started {
  readonly log: Pick<Logger, 'info'>;
  readonly bus: { readonly log: Pick<EventLog, 'usage'> };
}

/** What a start says of each mode. */
const ACCESS = {
  local: 'this machine only; before a proxy on it makes this public, set AUTH_KEYS_FILE (npx sluice-key makes keys)',
  off: 'EVERYBODY who reaches it may publish and watch, because AUTH is off; a proxy on this machine makes it public',
  on: 'those with an API key or token',
} as const;

/** Tells where to look and what to try, and who gets in: in a line of the log, or readably where standard output is a terminal. */
export function announce({ log, bus }: Started, url: string, config: HubConfig): void {
  const { demo, auth } = config;
  const dashboard = `${url}/`;
  const docs = `${url}/docs`;
  const commands = auth === 'on' ? commandsWithKey(url) : commandsFor(url, demo);
  if (process.stdout.isTTY) {
    const access = `  open to        ${ACCESS[auth]}`;
    const lines = [`Sluice is ready at ${url}`, access, `  documentation  ${docs}`, '  try'];
    process.stdout.write(`\n${[...lines, ...commands.map((command) => `    ${command}`)].join('\n')}\n\n`);
  } else {
    const { events, streams } = bus.log.usage();
    // So that nobody has to guess why there is less than there was, or room for fewer.
    const found = { version, history: historyOf(config), events, streams, maxConnections: config.maxConnections };
    log.info({ event: 'start', url, ...found, auth, access: ACCESS[auth], dashboard, docs, try: commands }, 'started');
  }
}

function historyOf({ log, dataDir }: HubConfig): string {
  return log === 'disk' ? resolve(dataDir) : 'memory';
}

/** A setting under a wrong name would do nothing, without a word. */
export function warnOfSlips(log: Pick<Logger, 'warn'>, env: NodeJS.ProcessEnv): void {
  for (const slip of slipsIn(env)) {
    log.warn({ event: 'unknown-setting', ...slip }, describeSlip(slip));
  }
}

export function describeSlip({ name, meant }: Slip): string {
  return `${name} is no setting: was ${meant} meant?`;
}

/** Nobody but who made the key knows for which streams it is. */
function commandsWithKey(url: string): string[] {
  const curl = 'curl -H "authorization: Bearer $KEY"';
  return [
    `${curl} -N '${url}/events?streams=*'`,
    `${curl} -H 'content-type: text/plain' -d 'hello, world' ${url}/sse/STREAM`,
  ];
}

function commandsFor(url: string, demo: boolean): string[] {
  const watch = demo ? `curl -N ${url}/stream` : `curl -N ${url}/sse/hello`;
  const publish = `curl -H 'content-type: text/plain' -d 'hello, world' ${url}/sse/hello`;
  return [watch, `curl -N ${url}/events`, publish];
}
