import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { createEpoch, formatCursor } from '../../src/events/cursor.js';
import { prepareEvent, type StoredEvent } from '../../src/events/event.js';
import { encodeControl, encodeEvent } from '../../src/events/frame.js';
import { isTypeName, RESERVED_TYPES } from '../../src/events/names.js';
import { createReader, readFrames } from '../support/frames.js';

const epoch = createEpoch();
const TIME = Date.parse('2026-01-02T03:04:05.678Z');

function stored(data: unknown, type = 'message'): StoredEvent {
  return { ...prepareEvent({ stream: 'a.b', type, data }, 1e6), pos: 7, epoch, time: TIME };
}

const plain = (data: unknown, type?: string) => encodeEvent(stored(data, type), 'plain').toString();
const id = formatCursor(epoch, 7);

t.test('plain: id, event, data', async (t) => {
  t.equal(plain({ a: [1, 'x'] }, 'note'), `id: ${id}\nevent: note\ndata: {"a":[1,"x"]}\n\n`);
  t.equal(plain('text'), `id: ${id}\ndata: text\n\n`, 'the type message is left out, a string is its text');
  t.equal(plain(null), `id: ${id}\ndata: null\n\n`);
  t.equal(plain(''), `id: ${id}\ndata: \n\n`);
});

t.test('each line of a text is a data line', async (t) => {
  t.equal(plain('a\nb\r\nc\rd\n'), `id: ${id}\ndata: a\ndata: b\ndata: c\ndata: d\ndata: \n\n`);
  t.equal(plain('x\n\nid: 1\nevent: y'), `id: ${id}\ndata: x\ndata: \ndata: id: 1\ndata: event: y\n\n`);
});

t.test('envelope: type, stream, data and time in one line', async (t) => {
  const frame = encodeEvent(stored('a\nb', 'note'), 'envelope').toString();
  const time = '2026-01-02T03:04:05.678Z';
  t.equal(frame, `id: ${id}\ndata: {"type":"note","stream":"a.b","data":"a\\nb","time":"${time}"}\n\n`);
});

t.test('without an id the cursor stays', async (t) => {
  t.equal(encodeEvent(stored(1), 'plain', false).toString(), 'data: 1\n\n');
  const [message] = readFrames(encodeEvent(stored(1), 'envelope', false));
  t.equal(message?.id, undefined);
});

t.test('control frames: a type, data, and the fields asked for', async (t) => {
  const data = { timestamp: 1 };
  t.equal(encodeControl('plain', 'heartbeat', data).toString(), 'event: heartbeat\ndata: {"timestamp":1}\n\n');
  const full = encodeControl('plain', 'connected', data, { id, retry: 2000 }).toString();
  t.equal(full, `retry: 2000\nid: ${id}\nevent: connected\ndata: {"timestamp":1}\n\n`);
  const envelope = encodeControl('envelope', 'heartbeat', data, { id }).toString();
  t.equal(envelope, `id: ${id}\ndata: {"type":"heartbeat","data":{"timestamp":1}}\n\n`);
});

/** Text made of what could forge a frame. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\r',
        '\n',
        '\r\n',
        '\0',
        '\u2028',
        '\u2029',
        '\u0085',
        '\ufeff',
        ':',
        ' ',
        'id: 9',
        'data:',
        'event: x',
      ),
      fc.constantFrom('retry: 1', '"', '\\', '{', '\u001b[31m', '😀'),
      fc.string({ unit: 'binary' }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))
  .filter((text) => text.isWellFormed());
const types = fc
  .oneof(hostile, fc.string({ unit: 'grapheme' }))
  .filter((type) => isTypeName(type) && !RESERVED_TYPES.has(type));

/** A frame between two others: whatever it forged would show in one of them. */
function between(frame: Buffer) {
  const reader = createReader();
  const [before, after] = ['before', 'after'].map((data) => encodeEvent({ ...stored(data), pos: 1 }, 'plain'));
  reader.feed(Buffer.concat([before ?? frame, frame, after ?? frame]));
  const [first, message, last, ...others] = reader.messages;
  assert.deepEqual([first?.data, last?.data, others], ['before', 'after', []]);
  assert.deepEqual(reader.retries, []);
  return message;
}

t.test('plain text comes back as it was, but for line breaks, which come back as LF', async () => {
  fc.assert(
    fc.property(hostile, types, (data, type) => {
      assert.deepEqual(between(encodeEvent(stored(data, type), 'plain')), {
        id,
        event: type === 'message' ? undefined : type,
        data: data.replace(/\r\n|\r/g, '\n'),
      });
    }),
    { seed: 1, numRuns: 2000 },
  );
});

t.test('any other value comes back as it was, in both formats', async () => {
  const values = fc.oneof(fc.array(hostile), fc.dictionary(hostile, hostile), fc.jsonValue());
  fc.assert(
    fc.property(values, types, (value, type) => {
      const event = stored(value, type);
      const json = JSON.parse(event.json);
      const message = between(encodeEvent(event, 'plain'));
      if (typeof json !== 'string') {
        assert.deepEqual(JSON.parse(message?.data ?? ''), json);
      }
      const envelope = between(encodeEvent(event, 'envelope'));
      assert.deepEqual(
        { ...envelope, data: JSON.parse(envelope?.data ?? '') },
        {
          id,
          event: undefined,
          data: { type, stream: 'a.b', data: json, time: '2026-01-02T03:04:05.678Z' },
        },
      );
    }),
    { seed: 1, numRuns: 1000 },
  );
});
