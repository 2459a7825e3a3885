import fp from 'fastify-plugin';
import { parseJson } from '../../src/events/json.js';
import { decodeText } from '../../src/events/text.js';

/** JSON is the only body that every route takes; a route that takes another adds its parser itself. */
export default fp(
  async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
      parseJson(decodeText(body)),
    );
  },
  { name: 'sluice-bodies' },
);
