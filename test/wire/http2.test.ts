import { once } from 'node:events';
import { connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import t from 'tap';
import sluice from '../../src/app.js';
import { eventually } from './serve.js';

t.test('a host that speaks HTTP/2 serves streams, and ends them properly', async (t) => {
  const app = Fastify({ http2: true });
  await app.register(sluice);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const session = connect(`http://127.0.0.1:${port}`);
  t.teardown(() => session.destroy());

  const [left, stayed] = [watch(session, '/sse/a'), watch(session, '/events?streams=a')];
  await eventually(() => [left, stayed].every(({ text }) => text().includes('connected')));
  await app.bus.publish({ stream: 'a', data: 'hello' });
  await eventually(() => left.text().endsWith('data: hello\n\n') && stayed.text().includes('"data":"hello"'));
  left.request.close();
  await eventually(() => app.streams.size === 1);
  t.equal(app.streams.closed.client, 1);

  const ended = once(stayed.request, 'end');
  const closed = app.close();
  await ended;
  t.match(stayed.text(), /retry: \d+\n\n$/);
  session.close();
  await closed;
});

function watch(session: ReturnType<typeof connect>, path: string) {
  const request = session.request({ ':path': path });
  let text = '';
  request.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return { request, text: () => text };
}
