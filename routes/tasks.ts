import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { HubContext } from '../src/context.js';
import { SluiceError } from '../src/errors.js';
import { createProgress } from '../src/events/progress.js';
import { writeErrors } from '../src/schemas/common.js';
import { PublishedReply, PublishHeaders, TaskBody, TaskParams } from '../src/schemas/publish.js';

const schema = {
  tags: ['publish'],
  summary: 'Report the progress or failure of a task, on the stream tasks.<id>',
  params: TaskParams,
  headers: PublishHeaders,
  body: TaskBody,
  response: { 200: PublishedReply, ...writeErrors },
};

const streamOf = ({ id }: { id: string }) => `tasks.${id}`;
const publishing = { access: 'publish', streamOf } as const;

const tasks: FastifyPluginAsyncTypebox<HubContext> = async (app, { config }) => {
  app.put('/tasks/:id', { schema, config: publishing, bodyLimit: config.maxEventBytes }, async (request, reply) => {
    const { id } = request.params;
    const { moved, total, status = 'running', ...rest } = request.body;
    if (moved > total) {
      throw new SluiceError('SLUICE_INVALID_TASK', 400, `moved (${moved}) must not be more than total (${total})`);
    }
    const data = { task: id, ...createProgress(moved, total), status, ...rest };
    const event = { stream: streamOf(request.params), type: 'progress', data };
    const published = await app.bus.publish(event, request.hubPublishOptions());
    return reply.hubPublished(200, published);
  });
};

export default tasks;
