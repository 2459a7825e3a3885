import cors from '@fastify/cors';
import Fastify, { type FastifyInstance } from 'fastify';
// In a project of your own: import sluice from 'sluice'
import sluice from '../src/app.js';

const PAGE = `<!doctype html>
<title>Orders</title>
<ul id="orders"></ul>
<script>
  new EventSource('/live/sse/orders').addEventListener('created', ({ data }) => {
    const item = document.createElement('li');
    item.textContent = data;
    document.getElementById('orders').append(item);
  });
</script>
`;

/** A shop with its own rules for errors, unknown pages, forms and other origins. Its orders are watched at /live. */
export async function buildShop(): Promise<FastifyInstance> {
  const app = Fastify();
  app.setErrorHandler<Error>((error, _request, reply) => reply.code(422).send({ problem: error.message }));
  app.setNotFoundHandler((_request, reply) => reply.code(404).type('text/html').send('<h1>No such page</h1>'));
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    async (_request: unknown, form: string) => Object.fromEntries(new URLSearchParams(form)),
  );
  await app.register(cors, { origin: 'https://shop.example' });
  await app.register(sluice, { prefix: '/live', defaultStreams: 'orders' });

  app.get('/', async (_request, reply) => reply.type('text/html').send(PAGE));
  app.post('/orders', async (request, reply) => {
    const { id } = await app.bus.publish({ stream: 'orders', type: 'created', data: request.body });
    return reply.code(201).send({ order: id });
  });
  return app;
}

// Run as a program: npx tsx examples/embed.ts
if (process.argv[1] === import.meta.filename) {
  const app = await buildShop();
  console.log(`open ${await app.listen({ port: 3001 })} and order: curl -d item=tea localhost:3001/orders`);
}
