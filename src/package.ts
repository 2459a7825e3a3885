import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
/** Found by name, because compiled and source files lie at different depths. */
const path = require.resolve('sluice/package.json');

/** Version of this package. */
export const { version } = require(path) as { version: string };

/** The files served to browsers, which are not compiled. */
export const publicDir = join(dirname(path), 'public');
