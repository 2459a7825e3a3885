import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { HubContext } from '../src/context.js';
import { createNotification } from '../src/events/notification.js';
import { writeErrors } from '../src/schemas/common.js';
import { NotifyBody, PublishedReply, PublishHeaders } from '../src/schemas/publish.js';

const schema = {
  tags: ['publish'],
  summary: 'Send a notification',
  headers: PublishHeaders,
  body: NotifyBody,
  response: { 201: PublishedReply, ...writeErrors },
};

const publishing = { access: 'publish' } as const;

const notify: FastifyPluginAsyncTypebox<HubContext> = async (app, { clock, config }) => {
  app.post('/notify', { schema, config: publishing, bodyLimit: config.maxEventBytes }, async (request, reply) => {
    const { stream = 'notifications', ...notification } = request.body;
    request.hubMayPublish(stream);
    const data = createNotification(notification, clock.now());
    const event = { stream, type: 'notification', data };
    const published = await app.bus.publish(event, request.hubPublishOptions());
    return reply.hubPublished(201, published);
  });
};

export default notify;
