import t from 'tap';
import { startServer } from '../server/process.js';
import { build } from '../support/build.js';
import { connect, request } from '../support/raw-client.js';

const named = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, 'a']));

t.test('more than 100 headers are 431, also where Node would have dropped some', async (t) => {
  const { app } = await build(t);
  const few = await app.inject({ url: '/livez', headers: named(90) });
  t.equal(few.statusCode, 200);
  const many = await app.inject({ url: '/livez', headers: named(101) });
  t.equal(many.statusCode, 431);
  t.match(many.json(), { code: 'SLUICE_HEADERS_TOO_LARGE', message: /more than 100 headers/ });
});

t.test('on the wire: 3,000 headers, and a header of a megabyte', async (t) => {
  const { port } = await startServer(t, { LOG: 'memory' });
  const many = await connect(t, port, request('GET /livez', { ...tiny(3000), connection: 'close' }));
  t.match(await many.until(/\}\n$/), /^HTTP\/1\.1 431 [\s\S]*"code":"SLUICE_HEADERS_TOO_LARGE"/);
  const large = await connect(t, port, request('GET /livez', { 'x-large': 'a'.repeat(1024 * 1024) }));
  t.equal(await large.ending, 'fin', 'properly, so that the answer is not lost');
  t.match(large.text, /^HTTP\/1\.1 431 [\s\S]*"code":"SLUICE_HEADERS_TOO_LARGE"/);
  t.equal((await fetch(`http://127.0.0.1:${port}/livez`)).status, 200, 'and others are served');
});

t.test('on the wire: two Host headers are 400, whoever asks', async (t) => {
  const { port } = await startServer(t, { LOG: 'memory' });
  for (const hosts of [
    'host: localhost\r\nhost: evil.example',
    'Host: localhost\r\nHOST: localhost',
    'host: evil.example\r\nx-a: host\r\nhost: localhost',
  ]) {
    const client = await connect(t, port, `GET /livez HTTP/1.1\r\n${hosts}\r\nconnection: close\r\n\r\n`);
    const answer = await client.until(/\}\n$/);
    t.match(answer, /^HTTP\/1\.1 400 [\s\S]*"code":"SLUICE_MALFORMED_REQUEST"[\s\S]*more than one host/, hosts);
  }
  const one = await connect(
    t,
    port,
    'GET /livez HTTP/1.1\r\nhost: localhost\r\nx-a: host\r\nconnection: close\r\n\r\n',
  );
  t.match(await one.until(/\}\n$/), /^HTTP\/1\.1 200 /, 'a value is no name');
});

t.test('on the wire: a target that names a host names that of the header', async (t) => {
  const { port } = await startServer(t, { LOG: 'memory' });
  for (const [target, status] of [
    ['http://localhost/livez', 200],
    ['http://LOCALHOST/livez', 200],
    ['http://evil.example/livez', 400],
    ['http://localhost:81/livez', 400],
    ['HTTPS://evil.example/livez', 400],
    ['http://localhost@evil.example/livez', 400],
  ] as const) {
    const text = `GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`;
    const client = await connect(t, port, text);
    t.match(await client.until(/\}\n$/), new RegExp(`^HTTP/1\\.1 ${status} `), target);
  }
});

/** So short that all of them fit into the bytes that headers may have. */
function tiny(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [index.toString(36), '']));
}
