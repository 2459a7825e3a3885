import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { checkBatchSize } from '../src/bus/batch-size.js';
import type { HubContext } from '../src/context.js';
import { asError, inPlace, SluiceError } from '../src/errors.js';
import { parseJson } from '../src/events/json.js';
import { EVENT_LEVELS, parseJsonArray } from '../src/events/json-array.js';
import { parseSelection } from '../src/events/selection.js';
import { decodeText } from '../src/events/text.js';
import { readErrors, writeErrors } from '../src/schemas/common.js';
import { BatchBody, PublishedBatchReply, PublishHeaders } from '../src/schemas/publish.js';
import { EventStreamReply, EventsQuery, WatchHeaders } from '../src/schemas/watch.js';

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
const DEFAULT = 'the default streams (choose by ?streams=, with * all that you may watch)';

const publishing = { access: 'publish' } as const;

const events: FastifyPluginAsyncTypebox<HubContext> = async (app, { config }) => {
  const defaultSelection = parseSelection(config.defaultStreams);

  // The parser of all routes neither names the member that is wrong nor counts them.
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
    parseArray(decodeText(body), config.maxBatchEvents),
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
      streams === undefined
        ? inPlace(DEFAULT, () => reply.hubStream(defaultSelection))
        : reply.hubStream(parseSelection(streams));
    },
  });

  const bodyLimit = config.maxBatchBytes;
  const options = { schema: publishSchema, config: publishing, bodyLimit, errorHandler: nameLine };
  app.post('/events', options, async (request, reply) => {
    for (const [index, { stream }] of request.body.entries()) {
      request.hubMayPublish(stream, `event ${index}`);
    }
    const published = await app.bus.publishBatch(request.body, request.hubPublishOptions());
    return reply.hubPublished(201, published);
  });
};

/** Events are counted before any of them is parsed. */
function parseArray(text: string, max: number): unknown {
  const batch = parseJsonArray(text, (members) => checkBatchSize(members, max));
  if (Array.isArray(batch)) {
    checkBatchSize(batch.length, max);
  }
  return batch;
}

/** One JSON value a line, counted before any is parsed; the last line may end without a line feed. */
function parseLines(text: string, max: number): unknown[] {
  const whole = text.replace(/\r?\n$/, '');
  checkBatchSize(countLines(whole), max);
  return whole.split('\n').map((line, index) => inPlace(`line ${index + 1}`, () => parseLine(line)));
}

function parseLine(line: string): unknown {
  if (line.trim() === '') {
    throw new SluiceError('SLUICE_EMPTY_BODY', 400, 'the line is empty');
  }
  return parseJson(line, EVENT_LEVELS);
}

function countLines(text: string): number {
  let count = 1;
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) {
    count++;
  }
  return count;
}

/** Of what came as lines, the bad one is told by its number from 1, whoever found it; of an array, by its index. */
function nameLine(thrown: unknown, { headers }: FastifyRequest): never {
  const error = asError(thrown);
  const place = /^(?:body\/|event )(\d+)[/:]? ?/.exec(error.message);
  if (place !== null && headers['content-type']?.toLowerCase().startsWith(LINES)) {
    error.message = `line ${Number(place[1]) + 1}: ${error.message.slice(place[0].length)}`;
  }
  throw error;
}

export default events;
