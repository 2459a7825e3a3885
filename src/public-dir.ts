import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** The files served to browsers. They lie beside package.json and are not compiled, so source and compiled code find them by it. */
export const publicDir = join(dirname(require.resolve('sluice/package.json')), 'public');
