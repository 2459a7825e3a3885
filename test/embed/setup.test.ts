import Fastify from 'fastify';
import t from 'tap';
import sluice from '../../src/app.js';

t.test('a host’s own word for who a request is from stays its own, under the prefix too', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  const users: unknown[] = [];
  app.decorateRequest('principal');
  app.addHook('onRequest', async (request) => request.setDecorator('principal', 'ada'));
  app.addHook('onResponse', async (request) => void users.push(request.getDecorator('principal')));
  await app.register(sluice, { prefix: '/live' });
  await app.inject('/live/livez');
  t.strictSame(users, ['ada']);
});

t.test('a host may have schemas of another kind than the hub', async (t) => {
  const app = Fastify();
  t.teardown(() => app.close());
  const compile = ({ schema }: { schema: unknown }) => {
    throw new Error(`not one of the host’s schemas: ${JSON.stringify(schema)}`);
  };
  app.setValidatorCompiler(compile);
  app.setSerializerCompiler(compile);
  await app.register(sluice, { prefix: '/live' });
  await app.ready();
  t.equal((await app.inject({ method: 'POST', url: '/live/sse/a', payload: { a: 1 } })).statusCode, 201);
  t.equal((await app.inject('/live/docs/json')).statusCode, 200);
});
