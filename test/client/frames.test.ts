import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { createFrameReader } from '../../client/frames.js';
import { interpret, type Outcome } from './reference-parser.js';

/** What the client makes of a stream that arrives in these chunks. */
function read(chunks: Iterable<Uint8Array>): Outcome {
  const events: Outcome['events'] = [];
  let lastEventId = '';
  let retry: number | undefined;
  const handlers = {
    onFrame: (type = 'message', data: string) => events.push({ type, data, id: lastEventId }),
    onId: (id: string) => {
      lastEventId = id;
    },
    onRetry: (ms: number) => {
      retry = ms;
    },
  };
  const reader = createFrameReader(handlers, new AbortController().signal);
  for (const chunk of chunks) {
    reader.feed(chunk);
  }
  reader.finish();
  return { events, lastEventId, retry };
}

const bytes = (text: string) => new TextEncoder().encode(text);

const CASES: Record<string, string> = {
  'a byte order mark before the first field': '\uFEFFdata: a\n\n',
  'a second byte order mark is part of the field name': '\uFEFF\uFEFFdata: a\n\n',
  'CR, LF and CRLF end lines, mixed': 'data: a\r\rdata: b\n\ndata: c\r\n\r\ndata: d\r\ndata: e\r\n\n',
  'a CR at the very end ends the event': 'data: a\r\r',
  comments: ': hello\n:\ndata: a\n: again\ndata: b\n\n',
  'one space after the colon is dropped, no more': 'data:  a\ndata:b\ndata: \n\n',
  'a field without a colon is empty': 'data\n\ndata\ndata\n\nid\ndata: x\n\n',
  'unknown fields, other cases and spaces around names are ignored': 'Data: a\n data: b\ndata : c\nfoo: d\n\n',
  'events without data are not dispatched, and forget their type': 'event: a\n\ndata: b\n\n',
  'the last event of a type wins, an empty one is message':
    'event: a\nevent: b\ndata: 1\n\nevent: a\nevent\ndata: 2\n\n',
  'an id stays until the next': 'id: 1\ndata: a\n\ndata: b\n\nid: 2\ndata: c\n\n',
  'an empty id resets it': 'id: 1\ndata: a\n\nid\ndata: b\n\n',
  'an id with NUL is ignored': 'id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n',
  'an id without data counts': 'id: 1\n\n: beat\n\ndata: b\n\nid: 3\n\n',
  'an id of an unfinished event does not count': 'id: 1\ndata: a\n\nid: 2\ndata: b\n',
  'an unfinished event is discarded': 'data: a\n\ndata: b\n',
  'an unfinished line is discarded': 'data: a\n\ndata: b',
  'retry takes digits only': 'retry: 10\n\nretry: 1e3\n\nretry: -5\n\nretry: 1.5\n\nretry:\n\nretry: x\n\n',
  'retry counts without a blank line': 'data: a\n\nretry: 30\n',
  'an unfinished retry does not count': 'retry: 3\n\nretry: 40',
  'characters beyond ASCII': 'event: ünï\nid: ☃\ndata: 💧 €\u2028b\u0085\n\n',
};

t.test('reads an event stream as the standard says, wherever it is cut in two', async (t) => {
  for (const [name, text] of Object.entries(CASES)) {
    const whole = bytes(text);
    const expected = interpret(whole);
    for (let at = 0; at <= whole.length; at++) {
      t.strictSame(read([whole.subarray(0, at), whole.subarray(at)]), expected, `${name}, cut at ${at}`);
    }
    t.strictSame(read(Array.from(whole, (byte) => Uint8Array.of(byte))), expected, `${name}, byte by byte`);
  }
});

t.test('reads any stream in any chunks as the standard says', async () => {
  const lines = [
    'data: a',
    'data',
    'event: b',
    'event:',
    'id: 1',
    'id',
    'id: 2\0',
    'retry: 5',
    ': c',
    'é: 💧',
    '\uFEFF',
    '',
  ];
  const ends = ['\n', '\r', '\r\n', ''];
  const line = fc.tuple(fc.constantFrom(...lines), fc.constantFrom(...ends)).map((parts) => parts.join(''));
  const piece = fc.oneof(line, fc.constantFrom(...ends), fc.string({ maxLength: 3 }));
  const stream = fc.array(piece, { maxLength: 60 }).map((pieces) => bytes(pieces.join('')));
  const chunked = fc.tuple(stream, fc.array(fc.nat(120), { maxLength: 8 }));
  fc.assert(
    fc.property(chunked, ([whole, offsets]) => {
      const cuts = [0, ...offsets.map((offset) => Math.min(offset, whole.length)).sort((a, b) => a - b), whole.length];
      const chunks = cuts.slice(1).map((cut, index) => whole.subarray(cuts[index], cut));
      assert.deepEqual(read(chunks), interpret(whole));
    }),
    { numRuns: 2000 },
  );
});

t.test('an event is told as soon as its blank line is there, also when that is a CR', async (t) => {
  const seen: string[] = [];
  const handlers = { onFrame: (_type: string | undefined, data: string) => seen.push(data), onId() {}, onRetry() {} };
  const reader = createFrameReader(handlers, new AbortController().signal);
  reader.feed(bytes('data: a\r\r'));
  t.strictSame(seen, ['a']);
  reader.feed(bytes('\ndata: b\n\n'));
  t.strictSame(seen, ['a', 'b'], 'the LF after it belongs to that CR');
});

t.test('stops in the middle of a chunk when it is aborted', async (t) => {
  const controller = new AbortController();
  const ids: string[] = [];
  const handlers = { onFrame: () => controller.abort(), onId: (id: string) => ids.push(id), onRetry() {} };
  const reader = createFrameReader(handlers, controller.signal);
  reader.feed(bytes('id: 1\ndata: a\n\nid: 2\ndata: b\n\n'));
  reader.finish();
  t.strictSame(ids, ['1'], 'the cursor does not run ahead of what was delivered');
});

t.test('a large event in many chunks takes time in proportion', async (t) => {
  const lengths: number[] = [];
  const handlers = { onFrame: (_type: unknown, data: string) => lengths.push(data.length), onId() {}, onRetry() {} };
  const reader = createFrameReader(handlers, new AbortController().signal);
  const chunk = bytes('x'.repeat(16_384));
  const start = performance.now();
  reader.feed(bytes('data: '));
  for (let count = 0; count < 2000; count++) {
    reader.feed(chunk);
  }
  reader.feed(bytes('\n\n'));
  t.strictSame(lengths, [2000 * 16_384]);
  t.ok(performance.now() - start < 3000, `${performance.now() - start} ms`);
});
