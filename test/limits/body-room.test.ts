import t from 'tap';
import { BodyRoom, MAX_BODY_BYTES } from '../../src/limits/body-room.js';
import { connect, request } from '../support/raw-client.js';
import { serve } from '../wire/serve.js';

t.test('a client takes half at most, and leaves room to what is smaller and to others', async (t) => {
  const room = new BodyRoom();
  const part = MAX_BODY_BYTES / 16;
  const taken = Array.from({ length: 20 }, () => room.take('a', part)).filter(Boolean).length;
  t.equal(taken, 8);
  t.equal(room.take('b', part), true);
  t.equal(room.take('a', 1), false);
  room.free('a', part);
  t.equal(room.take('a', 1), true);
});

t.test('one body alone is taken, however large', async (t) => {
  const room = new BodyRoom();
  t.equal(room.take('a', 2 * MAX_BODY_BYTES), true);
  t.equal(room.take('b', 1), false);
  room.free('a', 2 * MAX_BODY_BYTES);
  t.equal(room.take('b', 1), true);
});

/** Three of them are more than one client may have. */
const LARGE = Math.floor(MAX_BODY_BYTES / 5);
const headers = { 'content-type': 'application/json', 'content-length': String(LARGE) };
const batch = request('POST /events', headers);
/** Refused for its type, when there is room for it. */
const unread = request('POST /events', { ...headers, 'content-type': 'application/xml' });

t.test('bodies that would not fit into memory together are refused before they are read', async (t) => {
  const { app, port } = await serve(t, { maxBatchBytes: LARGE, maxEventBytes: LARGE });
  const publish = async () => (await app.inject({ method: 'POST', url: '/sse/a', payload: { a: 1 } })).statusCode;
  const held = [await connect(t, port, batch), await connect(t, port, batch)];
  const probe = async () => (await connect(t, port, unread)).until(/\}\n$/);
  t.match(await probe(), /^HTTP\/1\.1 503 [\s\S]*retry-after: 2[\s\S]*"code":"SLUICE_OVERLOADED"/);
  t.equal(await publish(), 201, 'a small one passes');
  t.equal((await app.inject({ method: 'DELETE', url: '/sse/a' })).statusCode, 200, 'and what has no body');
  const chunked = request('POST /sse/a', { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
  t.match(
    await (await connect(t, port, chunked)).until(/\}\n$/),
    /^HTTP\/1\.1 503 /,
    'without a length it may be large',
  );

  held[0]?.socket.destroy();
  while ((await probe()).startsWith('HTTP/1.1 503 ')) {
    // The server does not know yet that the client has left.
  }
  held[1]?.send(`[]${' '.repeat(LARGE - 2)}`);
  t.match(await held[1]?.until(/\}\n$/), /^HTTP\/1\.1 400 /, 'one that was let in is read to its end');
  for (let i = 0; i < 10; i++) {
    t.match(await probe(), /^HTTP\/1\.1 415 /, 'what was answered counts no more');
    const payload = Buffer.alloc(LARGE, ' ');
    t.equal((await app.inject({ method: 'POST', url: '/events', headers, payload })).statusCode, 400);
  }
});
