import { Type } from '@sinclair/typebox';
import { MAX_NAME_LENGTH } from '../events/names.js';

export const MAX_STREAM_PAGE = 100;

export const InfoReply = Type.Object(
  {
    status: Type.Literal('running'),
    message: Type.String(),
    version: Type.String(),
    uptime: Type.Number({ description: 'Seconds since the start' }),
    clients: Type.Integer({ description: 'Open event streams' }),
    streams: Type.Array(Type.String(), { description: 'What GET /events sends by default' }),
    endpoints: Type.Record(Type.String(), Type.String()),
  },
  { title: 'Info' },
);

export const StreamsQuery = Type.Object({
  prefix: Type.Optional(Type.String({ maxLength: MAX_NAME_LENGTH })),
  after: Type.Optional(Type.String({ maxLength: MAX_NAME_LENGTH, description: 'Last name of the page before' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_STREAM_PAGE, default: MAX_STREAM_PAGE })),
});

const StreamSummary = Type.Object(
  {
    stream: Type.String(),
    watchers: Type.Integer({ description: 'Live connections that get its events' }),
    cursor: Type.Union([Type.String(), Type.Null()], { description: 'Cursor of its newest event' }),
    events: Type.Integer({ description: 'Events retained' }),
    bytes: Type.Integer({ description: 'Bytes retained' }),
    oldest: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'Time of the oldest retained event',
    }),
  },
  { title: 'StreamSummary' },
);

export const StreamsReply = Type.Object(
  {
    streams: Type.Array(StreamSummary),
    next: Type.Optional(Type.String({ description: 'Pass as after= for the next page' })),
  },
  { title: 'StreamPage' },
);

export const HealthReply = Type.Object({ status: Type.String() }, { title: 'Health' });
