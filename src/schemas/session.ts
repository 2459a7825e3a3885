import { Type } from '@sinclair/typebox';

const Patterns = Type.Array(Type.String(), { description: 'Names and patterns, `orders.*` or `*`' });

export const SessionReply = Type.Object(
  {
    mode: Type.Union([Type.Literal('local'), Type.Literal('off'), Type.Literal('on')], {
      description: 'Who gets in: on, who has a key or token; local, this machine only; off, everybody',
    }),
    principal: Type.String({ description: 'Who you are here; `anonymous` for nobody in particular' }),
    publish: Patterns,
    subscribe: Patterns,
    expires: Type.Optional(Type.Number({ description: 'When that ends, epoch milliseconds; left out, not by itself' })),
  },
  { title: 'Session' },
);

export const SignedInReply = Type.Null({ description: 'The session cookie is set' });

export const SignedOutReply = Type.Null({ description: 'The session cookie is cleared' });
