import fp from 'fastify-plugin';
import type { HubContext } from '../../src/context.js';

/** Counts requests, for the metrics. */
export default fp<HubContext>(
  async (app, { figures }) => {
    app.addHook('onRequest', async () => {
      figures.requests++;
    });
  },
  { name: 'sluice-requests' },
);
