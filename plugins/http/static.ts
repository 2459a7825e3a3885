import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import serveStatic, { type FastifyStaticOptions } from '@fastify/static';
import fp from 'fastify-plugin';
import { publicDir } from '../../src/package.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** The dashboard's page, and the headers it is sent with. */
    dashboard: { readonly page: string; readonly headers: Readonly<Record<string, string>> };
  }
}

const NOT_BUILT = '<!doctype html><title>Sluice</title><p>The dashboard is not built: run <code>npm run build</code>.';

const HEADERS = { 'cache-control': 'no-cache' };

/** The names of the other files contain a hash of their content. */
const FOREVER = 'public, max-age=31536000, immutable';

/** The files of the dashboard. Their routes are made at the start, so nothing else of the file system can be asked for. */
export default fp(
  async (app) => {
    const page = await readFile(join(publicDir, 'index.html'), 'utf8').catch(() => NOT_BUILT);
    app.decorate('dashboard', { page, headers: HEADERS });
    const files = {
      root: publicDir,
      wildcard: false,
      index: false,
      decorateReply: false,
      cacheControl: false,
      setHeaders: (response, path) => {
        const headers = path.endsWith('.html') ? HEADERS : { 'cache-control': FOREVER };
        for (const [name, value] of Object.entries(headers)) {
          response.setHeader(name, value);
        }
      },
    } satisfies FastifyStaticOptions;
    await app.publicly((scope) => scope.register(serveStatic, files));
  },
  { name: 'sluice-static', dependencies: ['sluice-access'] },
);
