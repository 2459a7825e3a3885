import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import type { HubContext } from '../src/context.js';
import { SluiceError } from '../src/errors.js';
import { select } from '../src/events/selection.js';
import { decodeText } from '../src/events/text.js';
import { readErrors, StreamParams, writeErrors } from '../src/schemas/common.js';
import { PublishBody, PublishedReply, PublishHeaders, PublishQuery, PurgedReply } from '../src/schemas/publish.js';
import { EventStreamReply, WatchHeaders, WatchQuery } from '../src/schemas/watch.js';

const watchSchema = {
  tags: ['watch'],
  summary: 'Watch one stream',
  params: StreamParams,
  querystring: WatchQuery,
  headers: WatchHeaders,
  response: { 200: EventStreamReply, ...readErrors },
};

const publishSchema = {
  tags: ['publish'],
  summary: 'Publish one event: a JSON value or a text is its data',
  consumes: ['application/json', 'text/plain'],
  params: StreamParams,
  querystring: PublishQuery,
  headers: PublishHeaders,
  body: PublishBody,
  response: { 201: PublishedReply, ...writeErrors },
};

const purgeSchema = {
  tags: ['publish'],
  summary: 'Remove the history of a stream; watchers behind it are told of the gap',
  params: StreamParams,
  response: { 200: PurgedReply, ...writeErrors },
};

const publishing = { access: 'publish', streamOf: ({ id }: { id: string }) => id } as const;

const sse: FastifyPluginAsyncTypebox<HubContext> = async (app, { config }) => {
  app.addContentTypeParser('text/plain', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
    parseText(body),
  );

  app.route({
    method: ['GET', 'HEAD'],
    url: '/sse/:id',
    schema: watchSchema,
    config: { access: 'subscribe', eventStream: 'plain' },
    handler: (request, reply) => {
      reply.hubStream(select([request.params.id]));
    },
  });

  const bodyLimit = config.maxEventBytes;
  const options = { schema: publishSchema, config: publishing, bodyLimit, preValidation: checkBody };
  app.post('/sse/:id', options, async (request, reply) => {
    const { id: stream } = request.params;
    const { type } = request.query;
    const { body: data } = request;
    // By name: a query may hold more than the schema knows, and must not have a say in where the event goes.
    const published = await app.bus.publish({ stream, type, data }, request.hubPublishOptions());
    return reply.hubPublished(201, published);
  });

  app.delete('/sse/:id', { schema: purgeSchema, config: publishing }, async (request) => {
    const { id: stream } = request.params;
    const purged = await app.bus.purge(stream);
    const { ip, hubPrincipal } = request;
    request.log.info({ event: 'purge', stream, purged, ip, principal: hubPrincipal.id }, 'history removed');
    return { stream, purged };
  });
};

/** None where it is empty, which is more likely a mistake than meant: JSON has `""` for it. A DELETE may name the type of none. */
function parseText(body: Buffer): string | undefined {
  return body.length === 0 ? undefined : decodeText(body);
}

/** Before the schema refuses it, as what is empty has a code of its own, in every media type. */
async function checkBody({ body }: FastifyRequest): Promise<void> {
  if (body === null || body === undefined) {
    const message = 'the body is the data of the event and must not be empty or null';
    throw new SluiceError('SLUICE_EMPTY_BODY', 400, message);
  }
}

export default sse;
