import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { publicDir } from '../../src/package.js';

const MAX_BYTES = 150_000;

t.test('everything the dashboard loads is at most 150 kB, gzipped', async (t) => {
  const entries = await readdir(publicDir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  t.ok(
    files.some((file) => file.endsWith('.js')),
    'the dashboard is built: npm run build:web',
  );
  const sizes = await Promise.all(files.map(async (file) => gzipSync(await readFile(file)).length));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  t.ok(total <= MAX_BYTES, `${total} bytes`);
});
