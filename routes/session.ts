import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { bearerOf } from '../src/access/credentials.js';
import { unauthorized } from '../src/access/errors.js';
import { checkSession, clearedCookie, sessionCookie, sessionRefused } from '../src/access/session.js';
import type { HubContext } from '../src/context.js';
import { bodyErrors, readErrors } from '../src/schemas/common.js';
import { SessionReply, SignedInReply, SignedOutReply } from '../src/schemas/session.js';

const readSchema = {
  tags: ['access'],
  summary: 'Who you are here, and what you may do',
  response: { 200: SessionReply, ...readErrors },
};

const signInSchema = {
  tags: ['access'],
  summary: 'Sign a browser in: the key or token of the Authorization header goes into a cookie',
  response: { 204: SignedInReply, ...bodyErrors },
};

const signOutSchema = {
  tags: ['access'],
  summary: 'Sign a browser out: its cookie is cleared',
  response: { 204: SignedOutReply, ...bodyErrors },
};

/** For browsers, whose EventSource can send no header. */
const session: FastifyPluginAsyncTypebox<HubContext> = async (app, { config, clock }) => {
  app.get('/session', { schema: readSchema, config: { access: 'anyone' } }, async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const { hubPrincipal: principal } = request;
    const { publish, subscribe } = principal.rights;
    const expires = principal.lease?.expiresAt;
    return {
      mode: config.auth,
      principal: principal.id,
      publish: [...publish.items],
      subscribe: [...subscribe.items],
      ...(expires !== undefined && { expires }),
    };
  });

  app.post('/session', { schema: signInSchema, config: { access: 'anyone' } }, async (request, reply) => {
    if (config.auth !== 'on') {
      throw sessionRefused(`nobody signs in here: AUTH is ${config.auth}`);
    }
    const token = bearerOf(request.raw);
    if (token === undefined) {
      throw unauthorized('signing in takes an API key or token: send it as Authorization: Bearer');
    }
    checkSession(token, request, request.headers);
    const expires = request.hubPrincipal.lease?.expiresAt;
    const maxAge = expires === undefined ? undefined : Math.ceil((expires - clock.now()) / 1000);
    return reply
      .header('set-cookie', sessionCookie(token, request, maxAge))
      .code(204)
      .send(null);
  });

  app.delete('/session', { schema: signOutSchema, config: { access: 'public' } }, async (request, reply) =>
    reply.header('set-cookie', clearedCookie(request)).code(204).send(null),
  );
};

export default session;
