import fp from 'fastify-plugin';
import type { HubContext } from '../../src/context.js';
import { SluiceError } from '../../src/errors.js';

const PUBLISHING = new Set(['POST', 'PUT']);

/** While the process does not keep up, nothing new is taken in, so that those who watch are served; a purge helps, so it may pass. */
export default fp<HubContext>(
  async (app, { load }) => {
    app.addHook('onRequest', async ({ method, routeOptions }) => {
      if (load.isOverloaded && PUBLISHING.has(method) && routeOptions.config.access === 'publish') {
        throw new SluiceError('SLUICE_OVERLOADED', 503, 'the server is overloaded; publish again later');
      }
    });
  },
  { name: 'sluice-shedding', dependencies: ['sluice-cors'] },
);
