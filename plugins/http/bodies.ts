import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';
import { SluiceError } from '../../src/errors.js';
import { parseJson } from '../../src/events/json.js';
import { decodeText } from '../../src/events/text.js';
import { SAFE_METHODS } from '../../src/methods.js';

/** Limit for a body on a route that takes none: it is read and ignored. */
const MAX_UNWANTED_BYTES = 1024;

/** JSON is the only body that every route takes; a route that takes another adds its parser itself. */
export default fp(
  async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer' },
      async (request: FastifyRequest, body: Buffer) =>
        // Many clients name the type of a body that they do not send.
        body.length === 0 && !takesBody(request.routeOptions) ? undefined : parseJson(decodeText(body)),
    );
    app.addHook('onRoute', (route) => {
      if (!takesBody(route)) {
        route.bodyLimit = MAX_UNWANTED_BYTES;
      }
    });
    app.addHook('preParsing', async ({ method, headers }) => {
      if (!SAFE_METHODS.has(method)) {
        checkEncoding(headers);
      }
    });
  },
  { name: 'sluice-bodies' },
);

function takesBody({ schema }: Pick<RouteOptions, 'schema'>): boolean {
  return schema?.body !== undefined;
}

/** Another encoding, read as UTF-8, could change a text without a word; compressed, it would not be the text at all. */
function checkEncoding({
  'content-type': type = '',
  'content-encoding': coding = 'identity',
  'transfer-encoding': transfer = 'chunked',
}: IncomingHttpHeaders): void {
  const [, charset = 'utf-8'] = /;\s*charset="?([^\s";]*)/i.exec(type) ?? [];
  if (!/^(?:utf-?8|us-ascii)$/i.test(charset) || !/^(?:identity)?$/i.test(coding) || !/^chunked$/i.test(transfer)) {
    throw new SluiceError('SLUICE_UNSUPPORTED_ENCODING', 415, 'send the body as UTF-8, uncompressed');
  }
}
