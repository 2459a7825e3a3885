import { Type } from '@sinclair/typebox';

const MAX_LAST = 1000;

/** What every event stream takes. */
export const WatchQuery = Type.Object({
  lastEventId: Type.Optional(
    Type.String({ description: 'Cursor to resume from, where no Last-Event-ID header can be sent' }),
  ),
  last: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_LAST,
      description: 'Without a cursor: replay the newest so many events first',
    }),
  ),
});

export const WatchHeaders = Type.Object({
  'last-event-id': Type.Optional(Type.String({ description: 'Cursor to resume from; sent by EventSource itself' })),
});

export const EventsQuery = Type.Object({
  ...WatchQuery.properties,
  streams: Type.Optional(
    Type.String({
      description: 'Comma-separated stream names and patterns, at most 100',
      examples: ['stock,orders.*'],
    }),
  ),
});

/** For the documentation only: a hijacked reply is not serialised. */
export const EventStreamReply = {
  description:
    'An event stream (WHATWG HTML §9.2); the first event is `connected`, or `refused` with a time to come back',
  content: { 'text/event-stream': { schema: Type.String() } },
};
