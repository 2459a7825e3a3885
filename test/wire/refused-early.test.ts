import type { Socket } from 'node:net';
import t from 'tap';
import { connect, request } from '../support/raw-client.js';
import { serve } from './serve.js';

const BODY = 'x'.repeat(8_000_000);
const ATTEMPTS = 20;

for (const [what, line, status] of [
  ['a body that is too large', 'POST /sse/a', 413],
  ['a body of a type that nobody takes', 'PUT /tasks/a', 415],
  ['a body for a path that nothing is at', 'POST /nothing', 404],
  ['a body for a method that is wrong', 'PUT /sse/a', 405],
] as const) {
  t.test(`${what}: who is to be left after it gets the answer all the same, then the end`, async (t) => {
    const { port } = await serve(t);
    const headers = { 'content-type': 'text/plain', 'content-length': `${BODY.length}`, connection: 'close' };
    for (let i = 0; i < ATTEMPTS; i++) {
      const client = await connect(t, port);
      await sendFirst(client.socket, request(line, headers, BODY));
      t.equal(await client.ending, 'fin');
      t.match(client.text, new RegExp(`^HTTP/1.1 ${status} [^]+"statusCode":${status},[^]+}\n$`));
    }
  });
}

/** As many clients do, which look for the answer only when all is sent. */
async function sendFirst(socket: Socket, text: string): Promise<void> {
  socket.pause();
  await new Promise((resolve) => socket.write(text, resolve));
  socket.resume();
}
