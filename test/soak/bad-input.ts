import { connect } from 'node:net';
import type { Random } from '../torture/random.js';
import { pause } from './pause.js';

const MAX_WAIT_MS = 2000;
/** What a server answers that has failed; 503 and 507 say so on purpose. */
const FAILURE = /^HTTP\/1\.1 (?!503|507)5\d\d/m;

const post = (path: string, body: string, type = 'application/json', headers = '') =>
  `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;
const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${headers}\r\n`;

/** Requests that deserve a 4xx, or nothing. */
const BAD = [
  get('/sse/%zz'),
  get('/sse/%00'),
  get('/sse/a%2fb'),
  get('/sse/../../etc/passwd'),
  get(`/sse/${'x'.repeat(2000)}`),
  get('/events?streams='),
  get(`/events?streams=${Array(200).fill('a').join()}`),
  get('/nowhere'),
  get('/sse/bad', `last-event-id: ${'9'.repeat(300)}\r\n`),
  get('/sse/bad?last=0'),
  get('/streams?limit=x'),
  get('/', 'x: y\r\n'.repeat(3000)),
  get('/', 'host: evil.example\r\n'),
  post('/sse/bad', '{"a":'),
  post('/sse/bad', ''),
  post('/sse/bad', 'null'),
  post('/sse/bad', '[]', 'application/xml'),
  post('/sse/bad', `${'['.repeat(100_000)}${']'.repeat(100_000)}`),
  post('/sse/bad', '{"__proto__":{"x":1}}'),
  post('/sse/bad?type=open', '1'),
  post('/sse/bad', '1', 'application/json', 'idempotency-key: \u00e9\r\n'),
  post('/sse/bad', 'x'.repeat(300_000), 'text/plain'),
  post('/events', '[{"stream":"a"},{}]'),
  post('/events', '{"stream":"a","data":1}\nnonsense', 'application/x-ndjson'),
  post('/notify', '{}'),
  post('/events', '1', 'application/json', 'content-length: 7\r\n'),
  post('/events', '0\r\n\r\n', 'application/json', 'transfer-encoding: chunked\r\n'),
  'PUT /tasks/x HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 2\r\ncontent-type: application/json\r\n\r\n{}',
  'BREW / HTTP/1.1\r\n\r\n',
  '\u0016\u0003\u0001\u0000\r\n\r\n',
  'GET / HTTP/9.9\r\n\r\n',
];

/** Sends bad requests, and good and bad ones that end in the middle. */
export async function misbehave(
  port: number,
  everyMs: number,
  random: Random,
  complaints: string[],
  signal: AbortSignal,
): Promise<void> {
  const abortable = [...BAD, post('/sse/bad', 'never whole'.repeat(100), 'text/plain'), get('/sse/bad')];
  while (!signal.aborted) {
    if (random.chance(0.5)) {
      const bytes = random.pick(BAD);
      const answer = await send(port, bytes, MAX_WAIT_MS, (socket) => socket.end());
      if (FAILURE.test(answer)) {
        complaints.push(`${JSON.stringify(bytes.slice(0, 80))} was answered ${JSON.stringify(answer.slice(0, 200))}`);
      }
    } else {
      const bytes = random.pick(abortable);
      const part = bytes.slice(0, random.int(0, bytes.length));
      const isReset = random.chance(0.5);
      await send(port, part, random.int(1, 50), (socket) => (isReset ? socket.resetAndDestroy() : socket.destroy()));
    }
    await pause(everyMs, signal);
  }
}

type Leave = (socket: ReturnType<typeof connect>) => void;

/** Sends bytes, and leaves when the other side has ended or the time is up. Resolves with what came back. */
async function send(port: number, bytes: string, waitMs: number, leave: Leave): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    answer += chunk;
  });
  const closed = new Promise((resolve) => socket.on('error', () => {}).once('close', resolve));
  const timer = setTimeout(() => leave(socket), waitMs);
  // An answer with a length leaves the connection open: it has come when a header block has.
  socket.on('data', () => /\r\n\r\n/.test(answer) && socket.end());
  socket.write(bytes);
  await closed;
  clearTimeout(timer);
  return answer;
}
