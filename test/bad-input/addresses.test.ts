import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import t from 'tap';
import sluice from '../../src/app.js';

t.test('whatever a proxy says of where a request comes from, it is answered', async (t) => {
  const app = Fastify({ trustProxy: true });
  app.register(sluice, { publishRate: 5 });
  t.teardown(() => app.close());
  for (const address of ['unknown', '203.0.113.1:5000', '_hidden', '', '1.2.3', '::g', 'x'.repeat(5000), '\xff']) {
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': address };
    const { statusCode } = await app.inject({ method: 'POST', url: '/sse/a', headers, payload: '1' });
    t.equal(statusCode, 201, address.slice(0, 20));
  }
});

t.test('a port that a proxy tells with an address does not make it another one', async (t) => {
  const app = Fastify({ trustProxy: true });
  app.register(sluice, { publishRate: 2 });
  t.teardown(() => app.close());
  for (const writings of [
    ['203.0.113.7', '203.0.113.7:4001', '203.0.113.7:4002'],
    ['2001:db8::1', '[2001:db8::1]:4001', '[2001:db8::2]'],
  ]) {
    const statuses: number[] = [];
    for (const address of writings) {
      const headers = { 'content-type': 'application/json', 'x-forwarded-for': address };
      statuses.push((await app.inject({ method: 'POST', url: '/sse/a', headers, payload: '1' })).statusCode);
    }
    t.strictSame(statuses, [201, 201, 429]);
  }
});

t.test('a client on a Unix socket, which has no address, publishes like any other', async (t) => {
  const app = Fastify();
  app.register(sluice);
  t.teardown(() => app.close());
  // Not in the test's own directory: with more than 107 bytes the path would be cut off without a word (unix(7)).
  const directory = mkdtempSync(join(tmpdir(), 'sluice-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const socketPath = join(directory, 'sluice.sock');
  await app.listen({ path: socketPath });
  const headers = { 'content-type': 'application/json' };
  const client = request({ socketPath, path: '/sse/a', method: 'POST', headers, agent: false });
  client.end('1');
  const [response] = await once(client, 'response');
  t.equal(response.statusCode, 201);
  response.resume();
});
