import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
/** By its address, because programs run in directories without packages. */
const TSX = import.meta.resolve('tsx');
const { npm_lifecycle_event: script, NODE_V8_COVERAGE: coverage } = process.env;

/**
 * Arguments of Node.js that run a program of ours. What `npm test` has built just before starts in half the time; a test that
 * is run by itself, or for coverage, takes the sources.
 * @param source without extension, as `src/server`
 */
export function entry(source: string): string[] {
  return script === 'test' && coverage === undefined
    ? [join(ROOT, 'dist', `${source}.js`)]
    : ['--import', TSX, join(ROOT, `${source}.ts`)];
}
