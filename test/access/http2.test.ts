import { writeFileSync } from 'node:fs';
import type { OutgoingHttpHeaders } from 'node:http2';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { bearer, keyFile, secretOf } from '../support/keys.js';
import { openSession, send, serveTls, watchOver } from '../support/serve-tls.js';
import { eventually } from '../wire/serve.js';

async function guardTls(t: Test) {
  const authKeysFile = join(t.testdir(), 'keys.json');
  writeFileSync(authKeysFile, keyFile({ web: { publish: ['*'], subscribe: ['orders.*'] } }));
  const { url } = await serveTls(t, { auth: 'on', authKeysFile });
  return { url, session: openSession(t, url) };
}

t.test('over HTTP/2 a browser signs in once, and watches and publishes with its cookie', async (t) => {
  const { url, session } = await guardTls(t);
  const signIn = send(session, { ':method': 'POST', ':path': '/session', ...bearer('web') });
  t.equal(await signIn.status, 204);
  const cookie = String((await signIn.headers)['set-cookie']);
  t.equal(cookie, `__Host-sluice=${secretOf('web')}; Path=/; HttpOnly; Secure; SameSite=Strict`);
  const held = { cookie: cookie.split(';', 1).join() };
  const watcher = watchOver(session, '/events?streams=*', held);
  await eventually(() => watcher.text.includes('"streams":["orders.*"]'));
  const publish = async (headers: Record<string, string>) => {
    const exchange = send(session, { ':method': 'DELETE', ':path': '/sse/orders.a', ...held, ...headers });
    return exchange.status;
  };
  t.equal(await publish({ origin: url }), 200);
  t.equal(await publish({ origin: 'https://evil.example' }), 403);
  t.equal(await publish({}), 403);
});

t.test('over HTTP/2 a request without a key is 401, and streams beside it go on', async (t) => {
  const { session } = await guardTls(t);
  const watcher = watchOver(session, '/sse/orders.a', bearer('web'));
  await eventually(() => watcher.text.includes('connected'));
  t.equal(await send(session, { ':path': '/sse/orders.a' }).status, 401);
  t.equal(await send(session, { ':path': '/metrics', ...bearer('web') }).status, 403);
  t.notOk(watcher.request.closed);
});

t.test('over HTTP/2 the authority is the Host that mode local looks at', async (t) => {
  const { url } = await serveTls(t, { auth: 'local' });
  const session = openSession(t, url);
  t.equal(await send(session, { ':path': '/streams' }).status, 200);
  t.equal(await send(session, { ':path': '/streams', ':authority': 'evil.example' }).status, 403);
  t.equal(await send(session, { ':path': '/streams', via: '2 proxy' }).status, 403);
});

t.test('over HTTP/2 a Host that is not the authority is 400', async (t) => {
  const { url } = await serveTls(t, { auth: 'local' });
  const session = openSession(t, url);
  const ask = (headers: OutgoingHttpHeaders) => send(session, { ':path': '/streams', ...headers }).status;
  t.equal(await ask({ ':authority': 'localhost', host: 'localhost' }), 200);
  t.equal(await ask({ ':authority': 'evil.example', host: 'localhost' }), 400);
  t.equal(await ask({ ':authority': 'localhost', host: 'evil.example' }), 400);
});
