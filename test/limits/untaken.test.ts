import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import t from 'tap';
import { type RunningServer, startServer } from '../server/process.js';
import { makeCertificate } from '../support/certificate.js';
import { connect, request } from '../support/raw-client.js';

const SMALL_HEAP = { LOG: 'memory', NODE_OPTIONS: '--max-old-space-size=160', NODE_V8_COVERAGE: '' };
const HEADERS = Object.fromEntries(Array.from({ length: 85 }, (_, i) => [`h${i}`, 'v']));
const LARGE_HEADERS = Object.fromEntries(Array.from({ length: 85 }, (_, i) => [`h${i}`, 'v'.repeat(30)]));

/** Brings more and more clients until the server makes room. */
async function untilCut(server: RunningServer, bring: () => Promise<unknown>): Promise<void> {
  let isCut = false;
  const cut = server.logged('given-up').then(() => {
    isCut = true;
  });
  while (!isCut) {
    await bring();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await cut;
}

t.test('over HTTP/2, answers that nobody takes make room instead of ending the process', async (t) => {
  const { cert, key } = makeCertificate(t);
  const server = await startServer(t, { ...SMALL_HEAP, TLS_CERT: cert, TLS_KEY: key });
  const sessions: ClientHttp2Session[] = [];
  t.teardown(() => {
    for (const session of sessions) {
      session.destroy();
    }
  });
  const open = () => {
    const session = connectHttp2(server.url, { rejectUnauthorized: false, settings: { initialWindowSize: 0 } });
    session.on('error', () => {});
    sessions.push(session);
    return session;
  };
  await untilCut(server, async () => {
    const session = open();
    for (let i = 0; i < 1000; i++) {
      session.request({ ':path': '/livez', ...HEADERS }).on('error', () => {});
    }
  });
  t.equal(server.child.exitCode, null);
  const { status } = await new Promise<{ status: unknown }>((resolve) => {
    const session = connectHttp2(server.url, { rejectUnauthorized: false });
    sessions.push(session);
    session.request({ ':path': '/livez' }).on('response', (head) => resolve({ status: head[':status'] }));
  });
  t.equal(status, 200);
});

t.test('so do requests that wait behind an event stream, and the streams of others go on', async (t) => {
  const server = await startServer(t, SMALL_HEAP);
  const other = await connect(t, server.port, request('GET /sse/other'));
  await other.until(/connected/);
  const waiting = request('GET /livez', LARGE_HEADERS).repeat(14);
  await untilCut(server, () => connect(t, server.port, request('GET /sse/a') + waiting));
  t.equal(server.child.exitCode, null);
  t.equal((await fetch(`${server.url}/livez`)).status, 200);
  t.notOk(other.socket.destroyed);
});
