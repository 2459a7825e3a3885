import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyError, FastifyRequest } from 'fastify';
import { signedIn } from '../src/access/principal.js';
import { checkBatchSize } from '../src/bus/batch-size.js';
import type { HubContext } from '../src/context.js';
import { inPlace } from '../src/errors.js';
import { parseJson } from '../src/events/json.js';
import { parseJsonArray } from '../src/events/json-array.js';
import { decodeText } from '../src/events/text.js';
import { readErrors, writeErrors } from '../src/schemas/common.js';
import { BatchBody, PublishedBatchReply, PublishHeaders } from '../src/schemas/publish.js';
import { EventStreamReply, EventsQuery, WatchHeaders } from '../src/schemas/watch.js';
import { parseSelection } from '../src/streams/selection.js';

const watchSchema = {
  tags: ['watch'],
  summary: 'Watch many streams on one connection, in envelopes of {type, stream, data, time}',
  querystring: EventsQuery,
  headers: WatchHeaders,
  response: { 200: EventStreamReply, ...readErrors },
};

const publishSchema = {
  tags: ['publish'],
  summary: 'Publish many events, all or nothing',
  consumes: ['application/json', 'application/x-ndjson'],
  headers: PublishHeaders,
  body: BatchBody,
  response: { 201: PublishedBatchReply, ...writeErrors },
};

const LINES = 'application/x-ndjson';

const publishing = { access: 'publish' } as const;

const events: FastifyPluginAsyncTypebox<HubContext> = async (app, { config }) => {
  const defaultSelection = parseSelection(config.defaultStreams);

  // The parser of all routes does not name the member that is wrong.
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
    parseJsonArray(decodeText(body), config.maxBatchEvents),
  );
  app.addContentTypeParser(LINES, { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
    parseLines(decodeText(body), config.maxBatchEvents),
  );

  app.route({
    method: ['GET', 'HEAD'],
    url: '/events',
    schema: watchSchema,
    config: { access: 'subscribe', eventStream: 'envelope' },
    handler: (request, reply) => {
      const { streams } = request.query;
      const selection = streams === undefined ? defaultSelection : parseSelection(streams);
      reply.eventStream(selection);
    },
  });

  const bodyLimit = config.maxBatchBytes;
  // Too many are refused before any is checked.
  const preValidation = async ({ body }: FastifyRequest) => {
    if (Array.isArray(body)) {
      checkBatchSize(body.length, config.maxBatchEvents);
    }
  };
  const options = { schema: publishSchema, config: publishing, bodyLimit, preValidation, errorHandler: nameLine };
  app.post('/events', options, async (request, reply) => {
    for (const [index, { stream }] of request.body.entries()) {
      request.mayPublish(stream, `event ${index}`);
    }
    const published = await app.bus.publishBatch(request.body, request.claim(), signedIn(request.hubPrincipal));
    return reply.published(201, published);
  });
};

/** One JSON value a line, counted before any is parsed; the last line may end without a line feed. */
function parseLines(text: string, max: number): unknown[] {
  const lines = text.replace(/\r?\n$/, '').split('\n');
  checkBatchSize(lines.length, max);
  return lines.map((line, index) => inPlace(`line ${index + 1}`, () => parseJson(line)));
}

/** Of what came as lines, the bad one is told by its number from 1, whoever found it; of an array, by its index. */
function nameLine(error: FastifyError, { headers }: FastifyRequest): never {
  if (headers['content-type']?.toLowerCase().startsWith(LINES)) {
    const place = /^(?:body\/|event )(\d+)[/:]? ?/;
    error.message = error.message.replace(place, (_, index) => `line ${Number(index) + 1}: `);
  }
  throw error;
}

export default events;
