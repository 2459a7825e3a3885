import fc, { type Arbitrary } from 'fast-check';

const HEAD = 'host: localhost\r\ncontent-type: application/json\r\n';
const REQUESTS = [
  `GET /livez HTTP/1.1\r\n${HEAD}\r\n`,
  `GET /sse/a?last=3 HTTP/1.1\r\n${HEAD}last-event-id: AAAAAAAAAAA.1\r\n\r\n`,
  `GET /events?streams=a,orders.* HTTP/1.0\r\n\r\n`,
  `HEAD /stream HTTP/1.1\r\n${HEAD}\r\n`,
  `POST /sse/a?type=created HTTP/1.1\r\n${HEAD}idempotency-key: k\r\ncontent-length: 7\r\n\r\n{"a":1}`,
  `POST /notify HTTP/1.1\r\n${HEAD}expect: 100-continue\r\ncontent-length: 15\r\n\r\n{"message":"a"}`,
  `POST /events HTTP/1.1\r\n${HEAD}transfer-encoding: chunked\r\n\r\n19\r\n[{"stream":"a","data":1}]\r\n0\r\n\r\n`,
  `PUT /tasks/a HTTP/1.1\r\n${HEAD}content-length: 21\r\n\r\n{"moved":1,"total":2}`,
  `DELETE /sse/a HTTP/1.1\r\n${HEAD}\r\n`,
  `OPTIONS /events HTTP/1.1\r\n${HEAD}origin: http://localhost\r\naccess-control-request-method: POST\r\n\r\n`,
  `GET /livez HTTP/1.1\r\n${HEAD}connection: upgrade\r\nupgrade: websocket\r\n\r\n`,
];
const TOKENS = [
  ...['\r\n', '\r\n\r\n', '\n', '\r', '\0', ' ', ':', '%', '/', '?', ',', '\x80', '\xff', '0\r\n\r\n', 'ffffffff\r\n'],
  ...['HTTP/1.1', 'HTTP/2.0', 'content-length: 5\r\n', 'transfer-encoding: chunked\r\n', 'connection: close\r\n'],
  ...[
    'host: a\r\n',
    'x'.repeat(20_000),
    'a:\r\n'.repeat(150),
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\x16\x03\x01\x02\0',
  ],
].map((token) => Buffer.from(token, 'latin1'));

type Edit = (bytes: Buffer) => Buffer;

/** Puts something in the place of a few bytes, or of none. */
const splice: Arbitrary<Edit> = fc
  .tuple(
    fc.nat(),
    fc.nat({ max: 12 }),
    fc.oneof(
      fc.constantFrom(...TOKENS),
      fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
    ),
  )
  .map(([at, removed, inserted]) => (bytes: Buffer) => {
    const place = at % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, place), inserted, bytes.subarray(place + removed)]);
  });

const cut: Arbitrary<Edit> = fc.nat().map((at) => (bytes: Buffer) => bytes.subarray(0, at % (bytes.length + 1)));

const repeat: Arbitrary<Edit> = fc.tuple(fc.nat(), fc.nat({ max: 80 })).map(([at, length]) => (bytes: Buffer) => {
  const place = at % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, place + length), bytes.subarray(place)]);
});

const requests = fc
  .array(fc.constantFrom(...REQUESTS), { minLength: 1, maxLength: 3 })
  .map((all) => Buffer.from(all.join('')));

const mutated = fc
  .tuple(requests, fc.array(fc.oneof(splice, splice, splice, cut, repeat), { maxLength: 3 }))
  .map(([bytes, edits]) => edits.reduce<Buffer>((all, edit) => edit(all), bytes));

const noise = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));

/** What a connection may bring: requests, one behind the other, with a few bytes wrong; now and then mere noise. */
export const connectionBytes: Arbitrary<Buffer> = fc.oneof(
  { weight: 9, arbitrary: mutated },
  { weight: 1, arbitrary: noise },
);
