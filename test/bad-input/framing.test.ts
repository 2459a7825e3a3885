import t from 'tap';
import { connect } from '../support/raw-client.js';
import { createTarget, isUnharmed, raw, readAnswer, send } from './target.js';

const POST = 'POST /sse/a HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
const chunked = (...chunks: string[]) => `${POST}transfer-encoding: chunked\r\n\r\n${chunks.join('\r\n')}`;
const notHttp = (message: RegExp) => ({ status: 400, code: 'SLUICE_MALFORMED_REQUEST', message });

/** What two servers could read differently; taken one way by a proxy and another by us it would smuggle a request. */
const AMBIGUOUS: Record<string, [string, RegExp]> = {
  'two lengths': [`${POST}content-length: 1\r\ncontent-length: 2\r\n\r\n11`, /Content-Length/],
  'one length twice': [`${POST}content-length: 1\r\ncontent-length: 1\r\n\r\n1`, /Content-Length/],
  'a list of lengths': [`${POST}content-length: 1, 1\r\n\r\n1`, /Content-Length/],
  'a negative length': [`${POST}content-length: -1\r\n\r\n1`, /Content-Length/],
  'a signed length': [`${POST}content-length: +1\r\n\r\n1`, /Content-Length/],
  'a length in hex': [`${POST}content-length: 0x1\r\n\r\n1`, /Content-Length/],
  'a length beyond 64 bits': [`${POST}content-length: 99999999999999999999\r\n\r\n1`, /Content-Length/],
  'a length and chunks': [
    `${POST}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    /Transfer-Encoding/,
  ],
  'chunks and a length': [`${POST}transfer-encoding: chunked\r\ncontent-length: 1\r\n\r\n0\r\n\r\n`, /Content-Length/],
  'an unknown coding': [`${POST}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`, /./],
  'a coding after chunked': [`${POST}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n`, /./],
  'a chunk without a size': [chunked('x', '1', '0', '', ''), /chunk size/],
  'a chunk longer than it says': [chunked('1', '123', '0', '', ''), /./],
  'a chunk size beyond 64 bits': [chunked('fffffffffffffffff', '1'), /chunk size/i],
  'a space before the colon': ['GET / HTTP/1.1\r\nhost : localhost\r\n\r\n', /header/],
  'a folded header': ['GET / HTTP/1.1\r\nhost: localhost\r\nx-a: 1\r\n 2\r\n\r\n', /./],
  'a header without a colon': ['GET / HTTP/1.1\r\nhost: localhost\r\nx-a\r\n\r\n', /header/],
  'a header without a name': ['GET / HTTP/1.1\r\nhost: localhost\r\n: a\r\n\r\n', /header/],
  'NUL in a header': ['GET / HTTP/1.1\r\nhost: localhost\r\nx-a: a\0b\r\n\r\n', /header/],
  'a bare CR in a header': ['GET / HTTP/1.1\r\nhost: localhost\r\nx-a: a\rb\r\n\r\n', /./],
  'lines that end with LF alone': ['GET / HTTP/1.1\nhost: localhost\n\n', /./],
  'another version': ['GET / HTTP/3.7\r\nhost: localhost\r\n\r\n', /version/],
  'an unknown method': ['PUBLISH / HTTP/1.1\r\nhost: localhost\r\n\r\n', /method/],
  'a method in small letters': ['get / HTTP/1.1\r\nhost: localhost\r\n\r\n', /method/],
  'the greeting of TLS': ['\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03', /method/],
  'the preface of HTTP/2': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', /./],
};

t.test('what is no HTTP, or could be read in two ways, is refused with the reason', async (t) => {
  const target = await createTarget(t);
  for (const [name, [bytes, reason]] of Object.entries(AMBIGUOUS)) {
    const answer = await send(t, target, Buffer.from(bytes, 'latin1'));
    t.match(answer, notHttp(reason), name);
    t.match(answer.text, /^date: .+ GMT\r$/m);
  }
  await isUnharmed(t, target);
});

t.test('what follows a request that was refused so is not read as another', async (t) => {
  const target = await createTarget(t);
  const smuggled =
    'POST /sse/smuggled HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\ncontent-length: 1\r\n\r\n1';
  for (const [name, [bytes]] of Object.entries(AMBIGUOUS)) {
    const { text } = await send(t, target, Buffer.from(`${bytes}${smuggled}`, 'latin1'));
    t.equal(text.match(/^HTTP\/1\.1 /gm)?.length, 1, `${name}: one answer`);
  }
  await isUnharmed(t, target);
});

t.test('HTTP/1.1 without a Host is refused', async (t) => {
  const target = await createTarget(t);
  t.match(await send(t, target, 'GET /livez HTTP/1.1\r\nconnection: close\r\n\r\n'), { status: 400 });
  await isUnharmed(t, target);
});

t.test('3,000 headers and a header of 32 KiB are 431; a long Last-Event-ID is a gap, never an error', async (t) => {
  const target = await createTarget(t);
  const many = Array.from({ length: 3000 }, (_, index) => `${index.toString(36)}:`);
  const tooLarge = { status: 431, code: 'SLUICE_HEADERS_TOO_LARGE', message: /headers/ };
  t.match(await send(t, target, raw('GET /livez', many)), tooLarge);
  t.match(await send(t, target, raw('GET /sse/a', [`last-event-id: ${'x'.repeat(32_768)}`])), tooLarge);
  for (const cursor of ['x'.repeat(257), 'x'.repeat(15_000), '\xff\xfe', '../../etc/passwd', '{}', '-1', '1e9']) {
    const client = await connect(t, target.port);
    client.socket.write(raw('GET /sse/a', [`last-event-id: ${cursor}`]));
    await client.until(/"resume":"gap","reason":"malformed"/);
    t.equal(readAnswer(client).status, 200, cursor.slice(0, 20));
    client.socket.destroy();
  }
  await isUnharmed(t, target);
});

t.test('a body that has another length than it says stores nothing', async (t) => {
  const target = await createTarget(t);
  const requests = {
    'shorter, with the end of the connection': `${POST}content-length: 100\r\n\r\n{"a":1}`,
    'chunks without an end': chunked('7', '{"a":1}'),
  };
  for (const [name, bytes] of Object.entries(requests)) {
    const client = await connect(t, target.port, bytes);
    client.socket.end();
    t.equal(await client.ending, 'fin', name);
    t.match(readAnswer(client), notHttp(/./), name);
  }
  await isUnharmed(t, target);
});

t.test('what comes behind a whole request does not take its answer back', async (t) => {
  const target = await createTarget(t);
  const post = `${POST}content-length: 7\r\n\r\n{"a":1}`;
  const closing = `${POST}connection: close\r\ncontent-length: 7\r\n\r\n{"a":1}`;
  const requests = [
    `${post}garbage\r\n\r\n`,
    `${post}GET / HTTP/1.1\r\nx : y\r\n\r\n`,
    `${closing}GET / HTTP/1.1\r\n\r\n`,
  ];
  for (const bytes of requests) {
    const { status, text } = await send(t, target, bytes);
    t.equal(status, 201, bytes);
    t.equal(text.match(/^HTTP\/1\.1 /gm)?.length, 1, 'one answer');
  }
  await isUnharmed(t, target, requests.length);
});
