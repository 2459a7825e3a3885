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
  t.match(await many.until(/\}$/), /^HTTP\/1\.1 431 [\s\S]*"code":"SLUICE_HEADERS_TOO_LARGE"/);
  const large = await connect(t, port, request('GET /livez', { 'x-large': 'a'.repeat(1024 * 1024) }));
  t.equal(await large.ending, 'fin', 'properly, so that the answer is not lost');
  t.match(large.text, /^HTTP\/1\.1 431 [\s\S]*"code":"SLUICE_HEADERS_TOO_LARGE"/);
  t.equal((await fetch(`http://127.0.0.1:${port}/livez`)).status, 200, 'and others are served');
});

/** So short that all of them fit into the bytes that headers may have. */
function tiny(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [index.toString(36), '']));
}
