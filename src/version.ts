import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Version of this package. Its package.json is found by name, because compiled and source files lie at different depths. */
export const { version } = require('sluice/package.json') as { version: string };
