import { once } from 'node:events';
import { renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as openTls, type TLSSocket } from 'node:tls';
import t from 'tap';
import { type RunningServer, spawnServer, startServer } from '../server/process.js';
import { type CertificateFiles, makeCertificate } from '../support/certificate.js';
import { connect, request } from '../support/raw-client.js';
import { openSession, send, serveTls, watchOver } from '../support/serve-tls.js';
import { eventually } from './serve.js';

const PAGE = 'http://localhost:5173';

function openHttp1(port: number): TLSSocket {
  return openTls({ port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
}

function startTls(t: Parameters<typeof startServer>[0], { cert, key }: CertificateFiles): Promise<RunningServer> {
  return startServer(t, { TLS_CERT: cert, TLS_KEY: key, LOG: 'memory' });
}

t.test('HTTP/1.1 is served too: a stream is not chunked, and ends by FIN after its farewell', async (t) => {
  const { app, port } = await serveTls(t);
  const client = await connect(t, port, request('GET /sse/a'), openHttp1(port));
  const head = await client.until(/event: connected\n.*\n\n/);
  t.match(head, /^HTTP\/1\.1 200 OK\r\n(?!.*transfer-encoding).*connection: close\r\n/is);
  await app.bus.publish({ stream: 'a', data: 'hello' });
  await client.until(/data: hello\n\n$/);
  await app.close();
  t.equal(await client.ending, 'fin');
  t.match(client.text, /retry: \d+\n\n$/);
});

t.test('the rules of HTTP/1.1 hold over TLS: Host is needed, connections are kept', async (t) => {
  const { port } = await serveTls(t);
  const without = await connect(t, port, 'GET /livez HTTP/1.1\r\n\r\n', openHttp1(port));
  t.match(await without.until(/names no host/), /^HTTP\/1\.1 400 /);
  const kept = await connect(t, port, request('GET /livez'), openHttp1(port));
  t.match(await kept.until(/live/), /^HTTP\/1\.1 200 .*keep-alive: timeout=72\r\n/is);
  kept.send(request('GET /readyz'));
  await kept.until(/ready/);
});

t.test('what is no TLS, or nothing at all, is cut off and harms nobody', async (t) => {
  const { app, port, url, clock } = await serveTls(t);
  const plain = await connect(t, port, request('GET /livez'));
  await plain.ending;
  t.notMatch(plain.text, /HTTP/);
  const mute = await connect(t, port);
  t.equal(await send(openSession(t, url), { ':path': '/livez' }).status, 200);
  const closed = app.close();
  while (!mute.socket.readableEnded) {
    await clock.advance(100);
  }
  await closed;
});

t.test('the server tells its https address, and browsers to keep to it, but not for this machine', async (t) => {
  const server = await startTls(t, makeCertificate(t));
  t.match(server.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  const session = openSession(t, server.url);
  const of = async (authority: string) =>
    (await send(session, { ':path': '/', ':authority': authority }).headers)['strict-transport-security'];
  t.equal(await of('sluice.example'), 'max-age=31536000');
  t.equal(await of('localhost:3000'), undefined);
  watchOver(session, '/sse/a');
  await server.logged('connect');
  server.child.kill('SIGTERM');
  t.strictSame(await server.exit, { code: 0, signal: null });
  t.equal(server.stderr, '');
});

t.test('a path that cannot be decoded is answered with the headers of all answers', async (t) => {
  const server = await startServer(t, { LOG: 'memory' });
  for (const [path, status, code] of [
    ['/sse/%', 400, 'FST_ERR_BAD_URL'],
    ['/%zz?a=%41', 400, 'FST_ERR_BAD_URL'],
    [`/sse/${'a'.repeat(600)}`, 414, 'FST_ERR_MAX_PARAM_LENGTH'],
  ] as const) {
    for (const method of ['GET', 'POST']) {
      const answer = await connect(t, server.port, request(`${method} ${path}`, { origin: PAGE, connection: 'close' }));
      await answer.ending;
      t.match(
        answer.text,
        new RegExp(`^HTTP/1.1 ${status} .*access-control-allow-origin: ${PAGE}\r\n.*"${code}"`, 'is'),
      );
      t.match(answer.text, /vary: Origin\r\n/i);
      t.match(answer.text, /x-content-type-options: nosniff\r\n/i);
    }
  }
});

t.test(
  'a method that there is none of is refused, one that is wrong is 405, and the log has no line of either',
  async (t) => {
    const server = await startTls(t, makeCertificate(t));
    const session = openSession(t, server.url);
    const ask = async (method: string) => {
      const exchange = send(session, { ':path': '/sse/a', ':method': method, origin: PAGE });
      exchange.request.end();
      const { ':status': status, allow, vary } = await exchange.headers;
      await exchange.closed;
      return { status, allow, vary, code: JSON.parse(exchange.text).code };
    };
    t.strictSame(await ask('FOO'), { status: 400, allow: undefined, vary: 'Origin', code: 'SLUICE_MALFORMED_REQUEST' });
    t.match(await ask('PROPFIND'), { status: 405, allow: 'DELETE, GET, HEAD, OPTIONS, POST' });
    watchOver(session, '/sse/a');
    await server.logged('connect');
    t.strictSame(
      server.lines.filter(({ level }) => level > 30),
      [],
    );
  },
);

t.test('a certificate that cannot be used stops the start with one line', async (t) => {
  const { cert } = makeCertificate(t);
  const server = spawnServer(t, { TLS_CERT: cert });
  t.strictSame(await server.exit, { code: 1, signal: null });
  t.match(server.stderr, /^sluice: TLS_KEY: must be set where TLS_CERT is.*\n$/);
  t.equal(server.stdout, '');
});

t.test(
  'a renewed certificate is used from then on, and watchers stay; a bad one is told of and not used',
  async (t) => {
    const first = makeCertificate(t);
    const second = makeCertificate(t, 'renewed.example');
    const live = { ...first, cert: join(first.directory, 'live-cert.pem'), key: join(first.directory, 'live-key.pem') };
    link(first, live);
    const server = await startTls(t, live);
    const logged = (event: string) => server.lines.filter((line) => line.event === event);
    const [loaded, ...others] = logged('certificate');
    t.match(loaded?.expires, /^\d{4}-\d\d-\d\dT/);
    t.strictSame(others, []);
    const watcher = watchOver(openSession(t, server.url), '/sse/a');
    await eventually(() => watcher.text.includes('connected'));
    t.equal(await nameAt(t, server.port), 'localhost');

    link(second, live);
    await eventually(() => logged('certificate').length === 2);
    t.equal(await nameAt(t, server.port), 'renewed.example');

    writeFileSync(second.cert, 'not a certificate');
    link(second, live);
    await eventually(() => logged('certificate-failed').length === 1);
    t.equal(await nameAt(t, server.port), 'renewed.example');
    const publish = send(openSession(t, server.url), {
      ':path': '/sse/a',
      ':method': 'POST',
      'content-type': 'text/plain',
    });
    publish.request.end('hello');
    t.equal(await publish.status, 201);
    await eventually(() => watcher.text.endsWith('data: hello\n\n'));
  },
);

/** As certbot does: what is in use are links, which a renewal replaces. */
function link(from: CertificateFiles, to: CertificateFiles): void {
  for (const file of ['cert', 'key'] as const) {
    symlinkSync(from[file], `${to[file]}.new`);
    renameSync(`${to[file]}.new`, to[file]);
  }
}

/** The name in the certificate that a new connection gets, which speaks HTTP/2. */
async function nameAt(t: Parameters<typeof startServer>[0], port: number): Promise<string> {
  const socket = openTls({ port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  t.teardown(() => socket.destroy());
  await once(socket, 'secureConnect');
  t.equal(socket.alpnProtocol, 'h2');
  return String(socket.getPeerCertificate().subject.CN);
}
