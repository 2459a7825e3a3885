import { Type } from '@sinclair/typebox';
import { namePattern, TITLE_PATTERN } from '../events/names.js';
import { StreamName, strict, TypeName } from './common.js';

export const PublishedReply = Type.Object(
  {
    id: Type.String({ description: 'Cursor of the event, the id: that watchers see' }),
    stream: Type.String(),
    type: Type.String(),
    time: Type.String({ format: 'date-time' }),
    subscribers: Type.Optional(
      Type.Integer({ description: 'Live connections it was queued to here; informational, and left out in a replay' }),
    ),
  },
  { title: 'Published', description: 'The log has accepted the event' },
);

export const PublishedBatchReply = Type.Object(
  {
    ids: Type.Array(Type.String(), { description: 'Cursors of the events, in their order' }),
    subscribers: Type.Optional(
      Type.Integer({ description: 'Live connections reached here; informational, and left out in a replay' }),
    ),
  },
  { title: 'PublishedBatch', description: 'The log has accepted all events' },
);

/** Every publishing route takes an idempotency key (draft-ietf-httpapi-idempotency-key-header). */
export const PublishHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({ description: 'Makes a repetition of this request with the same key publish nothing' }),
  ),
});

export const PublishQuery = Type.Object({ type: Type.Optional(TypeName) });

/** What an event carries, in each media type. */
export const PublishBody = {
  content: {
    'application/json': { schema: Type.Not(Type.Null(), { description: 'Any JSON value but null' }) },
    'text/plain': { schema: Type.String({ minLength: 1 }) },
  },
};

export const BatchBody = Type.Array(
  strict('Event', {
    stream: StreamName,
    type: Type.Optional(TypeName),
    data: Type.Unknown({ description: 'Any JSON value' }),
  }),
  { minItems: 1, description: 'As NDJSON, one event a line' },
);

const Title = Type.String({
  minLength: 1,
  maxLength: 256,
  pattern: TITLE_PATTERN,
  description: 'One line without control or direction characters',
});

export const NotifyBody = strict('Notification', {
  message: Type.String({ minLength: 1 }),
  title: Type.Optional(Title),
  level: Type.Optional(
    Type.Union([Type.Literal('info'), Type.Literal('success'), Type.Literal('warning'), Type.Literal('error')]),
  ),
  stream: Type.Optional(StreamName),
});

/** `tasks.` is put before a task's id, and the whole must be a stream name. */
export const MAX_TASK_ID_LENGTH = 122;

export const TASK_PATTERN = namePattern(MAX_TASK_ID_LENGTH);

export const TaskParams = Type.Object({ id: Type.String({ pattern: TASK_PATTERN, description: 'Task id' }) });

export const TaskBody = strict('TaskReport', {
  moved: Type.Number({ minimum: 0, description: 'Work done so far' }),
  total: Type.Number({ exclusiveMinimum: 0, description: 'Work in all' }),
  status: Type.Optional(Type.Union([Type.Literal('running'), Type.Literal('done'), Type.Literal('failed')])),
  message: Type.Optional(Type.String()),
});

export const PurgedReply = Type.Object(
  {
    stream: Type.String(),
    purged: Type.Integer({ description: 'Events removed' }),
  },
  { title: 'Purged' },
);
