import Fastify from 'fastify';
import t from 'tap';
import sluice from '../../src/app.js';

t.test('what goes wrong inside is logged with its cause, and told to nobody', async (t) => {
  const log: string[] = [];
  const app = Fastify({ logger: { level: 'error', stream: { write: (line: string) => log.push(line) } } });
  t.teardown(() => app.close());
  app.addHook('preHandler', async () => {
    throw Object.assign(new Error('the password is wrong'), { code: 'EACCES' });
  });
  await app.register(sluice);
  const response = await app.inject({ method: 'POST', url: '/sse/a?token=s3cret', payload: { a: 1 } });
  t.equal(response.statusCode, 500);
  t.strictSame(response.json(), {
    statusCode: 500,
    code: 'SLUICE_INTERNAL',
    error: 'Internal Server Error',
    message: 'something went wrong inside the server',
  });
  t.equal(log.length, 1);
  t.match(JSON.parse(log[0] ?? ''), {
    event: 'request-failed',
    method: 'POST',
    path: '/sse/:id',
    err: { message: 'the password is wrong' },
  });
  t.notMatch(log[0], /s3cret/);
});
