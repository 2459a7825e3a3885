import { parseArgs } from 'node:util';
import { version } from '../package.js';

const USAGE = `Serves event streams: publish over HTTP, watch over Server-Sent Events.

  sluice

  -h, --help     this text
  -v, --version  the version

Settings come from the environment, or from .env in the working directory: PORT=4000 sluice
The README lists them all.
`;

const options = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/**
 * What the arguments ask to be told; undefined when a server is to be started.
 * @throws Error for any that there is not
 */
export function textFor(args: string[]): string | undefined {
  const { values } = parse(args);
  if (values.help) {
    return USAGE;
  }
  return values.version ? `${version}\n` : undefined;
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options });
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`${message}. Settings come from the environment: PORT=4000 sluice; sluice --help says more`);
  }
}
