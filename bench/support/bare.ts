import Fastify from 'fastify';

/** The least a Fastify application can do with a published event: parse it, throw it away, answer. */
const app = Fastify();
app.post('/sse/:id', (_request, reply) => {
  reply.code(201).send({ id: '0', subscribers: 0 });
});
app.post('/events', { bodyLimit: 4 * 1024 * 1024 }, (_request, reply) => {
  reply.code(201).send({ ids: [], subscribers: 0 });
});
process.once('SIGTERM', () => app.close());
console.log(await app.listen({ port: 0 }));
