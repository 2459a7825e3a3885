import t from 'tap';
import { startServer } from '../server/process.js';
import { connect, type RawClient, request } from '../support/raw-client.js';

const JSON_BODY = { 'content-type': 'application/json' };

/** Sends a byte every now and then, for as long as the other side listens. */
function drip(t: { teardown(end: () => void): void }, client: RawClient, byte: string): void {
  const timer = setInterval(() => client.socket.writable && client.send(byte), 20);
  t.teardown(() => clearInterval(timer));
}

t.test('what takes too long to arrive is answered 408 and cut off, others are served meanwhile', async (t) => {
  const { port, url } = await startServer(t, { REQUEST_TIMEOUT_MS: '400', LOG: 'memory', MAX_EVENT_LOOP_LAG_MS: '0' });
  const watcher = await connect(t, port, request('GET /sse/a'));
  await watcher.until(/"resume":"fresh"/);
  const slow = {
    'headers, byte by byte': 'GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: ',
    'a request line': 'GET /',
    nothing: '',
    'a body, byte by byte': request('POST /sse/a', { ...JSON_BODY, 'content-length': '100000' }, '"'),
    'chunks, byte by byte': request('POST /sse/a', { ...JSON_BODY, 'transfer-encoding': 'chunked' }, 'ffff\r\n"'),
  };
  await Promise.all(
    Object.entries(slow).map(async ([name, text]) => {
      const client = await connect(t, port, text);
      if (text.includes('\r\n')) {
        drip(t, client, 'a');
      }
      t.equal(await client.ending, 'fin', name);
      t.match(client.text, /^HTTP\/1\.1 408 Request Timeout\r\n/, name);
      t.match(
        errorIn(client.text),
        { statusCode: 408, code: 'SLUICE_REQUEST_TIMEOUT', error: 'Request Timeout' },
        name,
      );
    }),
  );
  await fetch(`${url}/sse/a`, { method: 'POST', headers: JSON_BODY, body: '"still there"' });
  await watcher.until(/still there/);
});

t.test('bytes that are no HTTP are answered 400 and cut off', async (t) => {
  const { port } = await startServer(t, { LOG: 'memory' });
  const malformed = {
    garbage: '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
    'two lengths': request('POST /sse/a', { ...JSON_BODY, 'content-length': '1', 'Content-Length': '2' }, '11'),
    'a length beside chunks': request('POST /sse/a', { 'content-length': '1', 'transfer-encoding': 'chunked' }, '1'),
    'a control character in a header': request('GET /', { 'x-a': 'a\x01b' }),
  };
  for (const [name, text] of Object.entries(malformed)) {
    const client = await connect(t, port, text);
    t.equal(await client.ending, 'fin', name);
    t.match(errorIn(client.text), { statusCode: 400, code: 'SLUICE_MALFORMED_REQUEST', error: 'Bad Request' }, name);
  }
});

t.test('nothing is written into an answer that has begun', async (t) => {
  const { port } = await startServer(t, { LOG: 'memory' });
  const watcher = await connect(t, port, request('GET /sse/a'));
  await watcher.until(/"resume":"fresh"/);
  watcher.send('this is no request\r\n\r\n');
  await watcher.ending;
  t.notMatch(watcher.text, /HTTP\/1\.1 400|MALFORMED/);
});

function errorIn(text: string): unknown {
  return JSON.parse(text.slice(text.indexOf('\r\n\r\n')));
}
