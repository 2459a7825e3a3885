import fp from 'fastify-plugin';
import { SluiceError } from '../../src/errors.js';

/** Browsers behind a few proxies send about forty. Node would drop what is over its own limit without a word. */
const MAX_HEADERS = 100;

/** A bound on the number of headers (RFC 6585 §5); their size in all is bounded by the server they come to. */
export default fp(
  async (app) => {
    app.addHook('onRequest', async ({ raw }) => {
      if (raw.rawHeaders.length > 2 * MAX_HEADERS) {
        throw new SluiceError('SLUICE_HEADERS_TOO_LARGE', 431, `the request has more than ${MAX_HEADERS} headers`);
      }
    });
  },
  { name: 'sluice-headers', dependencies: ['sluice-cors'] },
);
