import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import t from 'tap';

const LIMIT_BYTES = 5000;

t.test('is under 5 kB, minified and gzipped, and needs nothing of Node', async (t) => {
  const { outputFiles, warnings } = await build({
    entryPoints: ['client/index.ts'],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
  });
  const [bundle] = outputFiles;
  const size = gzipSync(bundle?.contents ?? '', { level: 9 }).length;
  t.comment(`${size} bytes`);
  t.ok(size > 1000 && size < LIMIT_BYTES, `${size} bytes`);
  t.strictSame(warnings, []);
});
