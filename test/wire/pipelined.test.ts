import t from 'tap';
import { connect, request } from '../support/raw-client.js';
import { eventually, serve } from './serve.js';

t.test('streams pipelined behind a stream never begin, and nothing is left of them', async (t) => {
  const { app, port } = await serve(t);
  const client = await connect(t, port, request('GET /sse/a').repeat(20));
  await client.until(/connected/);
  const { subscribers } = await app.bus.publish({ stream: 'a', data: 'hello' });
  t.equal(subscribers, 1, 'only the first is a watcher');
  await client.until(/data: hello\n\n/);
  client.socket.destroy();
  await eventually(() => app.streams.size === 0);
  t.equal(app.streams.closed.client, 1);
});
