import type { IncomingHttpHeaders } from 'node:http';
import fp from 'fastify-plugin';
import { SluiceError } from '../../src/errors.js';
import { parseJson } from '../../src/events/json.js';
import { decodeText } from '../../src/events/text.js';

/** JSON is the only body that every route takes; a route that takes another adds its parser itself. */
export default fp(
  async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
      parseJson(decodeText(body)),
    );
    app.addHook('preParsing', async ({ method, headers }) => {
      if (method !== 'GET' && method !== 'HEAD') {
        checkEncoding(headers);
      }
    });
  },
  { name: 'sluice-bodies' },
);

/** Another encoding, read as UTF-8, could change a text without a word; compressed, it would not be the text at all. */
function checkEncoding({
  'content-type': type = '',
  'content-encoding': coding = 'identity',
}: IncomingHttpHeaders): void {
  const [, charset = 'utf-8'] = /;\s*charset="?([^\s";]*)/i.exec(type) ?? [];
  if (!/^(?:utf-?8|us-ascii)$/i.test(charset) || !/^(?:identity)?$/i.test(coding)) {
    throw new SluiceError('SLUICE_UNSUPPORTED_ENCODING', 415, 'send the body as UTF-8, uncompressed');
  }
}
