#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { addKey } from '../access/api-keys/new-key.js';
import { readEnvFile } from '../server/environment.js';
import { splitList } from '../split-list.js';

const USAGE = `Makes an API key, adds it to the file of keys and prints its secret, once.

  sluice-key <name> [--publish <patterns>] [--subscribe <patterns>] [--rate <number>] [--file <path>]

  --publish    streams it may publish to: names and patterns, comma-separated (orders.*, or * for all)
  --subscribe  streams it may watch
  --rate       publishes a second
  --file       the file of keys; otherwise AUTH_KEYS_FILE

Take a key back by removing it from the file; a running server notices.
`;

const options = {
  publish: { type: 'string' },
  subscribe: { type: 'string' },
  rate: { type: 'string' },
  file: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

async function run(): Promise<void> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [name, ...others] = positionals;
  if (values.help || name === undefined || others.length > 0) {
    process.stdout.write(USAGE);
    process.exitCode = values.help ? 0 : 1;
    return;
  }
  readEnvFile(process.env);
  const path = values.file ?? process.env.AUTH_KEYS_FILE;
  if (path === undefined || path === '') {
    throw new Error('which file? name it with --file, or set AUTH_KEYS_FILE');
  }
  const [publish, subscribe] = [splitList(values.publish ?? ''), splitList(values.subscribe ?? '')];
  if (publish.length + subscribe.length === 0) {
    throw new Error('a key must be good for something: give it --publish, --subscribe or both');
  }
  const rate = values.rate === undefined ? {} : { rate: Number(values.rate) };
  const secret = await addKey(path, { name, publish, subscribe, ...rate });
  // The secret alone goes to standard output, so that it can be piped to where secrets are kept.
  process.stderr.write(`${name} is in ${path}. This is its secret; it is not kept and cannot be shown again:\n`);
  process.stdout.write(`${secret}\n`);
}

try {
  await run();
} catch (error) {
  process.stderr.write(`sluice-key: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
