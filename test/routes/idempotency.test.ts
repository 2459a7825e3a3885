import type { InjectOptions } from 'fastify';
import t from 'tap';
import { build } from '../support/build.js';

const REQUESTS: (InjectOptions & { readonly url: string })[] = [
  { method: 'POST', url: '/sse/a', payload: { a: 1 } },
  { method: 'POST', url: '/events', payload: [{ stream: 'a', data: 1 }] },
  { method: 'POST', url: '/notify', payload: { message: 'hello' } },
  { method: 'PUT', url: '/tasks/t', payload: { moved: 1, total: 2 } },
];

for (const request of REQUESTS) {
  t.test(`what is sent again to ${request.url} with its key is stored once, and the answer says so`, async (t) => {
    const { app } = await build(t);
    const send = (key: string) => app.inject({ ...request, headers: { 'idempotency-key': key } });
    const [first, again] = [await send('k'), await send('k')];
    t.equal(first.headers['idempotent-replayed'], undefined);
    t.equal(again.headers['idempotent-replayed'], 'true');
    t.equal(again.statusCode, first.statusCode);
    t.equal(again.json().id, first.json().id);
    t.equal(app.bus.log.head, 1);
    t.equal((await send('"k"')).headers['idempotent-replayed'], 'true', 'in quotes it is the same key');
    await send('other');
    t.equal(app.bus.log.head, 2);
  });
}
