import serveStatic from '@fastify/static';
import fp from 'fastify-plugin';
import { publicDir } from '../../src/public-dir.js';

/** The files of the dashboard. Their routes are made at the start, so nothing else of the file system can be asked for. */
export default fp(
  async (app) => {
    await app.register(serveStatic, { root: publicDir, wildcard: false, index: false, decorateReply: false });
  },
  { name: 'sluice-static' },
);
