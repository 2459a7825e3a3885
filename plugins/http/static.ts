import { join } from 'node:path';
import serveStatic from '@fastify/static';
import fp from 'fastify-plugin';

const PUBLIC_DIR = ['..', '..', 'public'];

/** The files of the dashboard. Their routes are made at the start, so nothing else of the file system can be asked for. */
export default fp(
  async (app) => {
    const root = join(import.meta.dirname, ...PUBLIC_DIR);
    await app.register(serveStatic, { root, wildcard: false, index: false, decorateReply: false });
  },
  { name: 'sluice-static' },
);
