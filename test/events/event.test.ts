import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { createEpoch, formatCursor, parseCursor } from '../../src/events/cursor.js';
import { prepareEvent, sizeOf } from '../../src/events/event.js';
import { isStateStream, isStreamName, isTypeName, RESERVED_TYPES } from '../../src/events/names.js';
import { createNotification } from '../../src/events/notification.js';
import { createProgress } from '../../src/events/progress.js';
import { decodeText } from '../../src/events/text.js';

const MAX_BYTES = 100;
const prepare = (stream: unknown, data: unknown, type?: unknown) =>
  prepareEvent(
    { stream, data, ...(type === undefined ? {} : { type }) } as Parameters<typeof prepareEvent>[0],
    MAX_BYTES,
  );

t.test('a stream name is 1 to 128 letters, digits and . _ : -, and starts with a letter or digit', async (t) => {
  for (const name of ['a', '0', 'A.b_c:d-e', 'a..b', 'a.', 'x'.repeat(128)]) {
    t.ok(isStreamName(name), name);
  }
  for (const name of [
    '',
    '.a',
    '-a',
    '_a',
    ':a',
    'a b',
    'a/b',
    'a*',
    '*',
    'é',
    'a\n',
    'a\0',
    'a\r\nb',
    'x'.repeat(129),
  ]) {
    t.notOk(isStreamName(name), JSON.stringify(name));
  }
});

t.test('a type is one line without control, format or separator characters', async (t) => {
  const good = ['a', 'größer als 5', '更新', 'a: b', ' ', 'x'.repeat(128)];
  t.same(good.filter(isTypeName), good);
  const controls = ['a\nb', 'a\r', '\0', '\u0085', '\u2028', '\u2029', '\u200b', '\ufeff', '\ud800'];
  t.same(['', ...controls, 'x'.repeat(129)].filter(isTypeName), []);
});

t.test('state streams are stock, metrics, progress and the tasks', async (t) => {
  for (const [name, isState] of Object.entries({
    stock: true,
    metrics: true,
    progress: true,
    'tasks.1': true,
    tasks: false,
    stocks: false,
    'stock.a': false,
    time: false,
  })) {
    t.equal(isStateStream(name), isState, name);
  }
});

t.test('an event is checked and its bytes fixed', async (t) => {
  t.same(prepare('a', { b: 1 }), { stream: 'a', type: 'message', json: '{"b":1}', bytes: 7, generated: false });
  t.same(prepare('a', null, 'note'), { stream: 'a', type: 'note', json: 'null', bytes: 4, generated: false });
});

t.test('what is not ASCII counts for the bytes that it takes', async (t) => {
  t.equal(prepare('a', '字'.repeat(10)).bytes, 32);
  t.equal(sizeOf(prepare('a', '字'.repeat(10))) - sizeOf(prepare('a', 'x'.repeat(10))), 20);
});

t.test('a bad name, type or value is refused, whatever a program without types hands in', async (t) => {
  for (const stream of ['', 'a b', undefined, null, 5, {}, ['a']]) {
    t.throws(() => prepare(stream, 1), { statusCode: 400, code: 'SLUICE_INVALID_STREAM' }, String(stream));
  }
  for (const type of ['', 'a\nb', null, 5, {}, ['a']]) {
    t.throws(() => prepare('a', 1, type), { statusCode: 400, code: 'SLUICE_INVALID_TYPE' }, String(type));
  }
  t.throws(() => prepare('a', undefined), { statusCode: 400, code: 'SLUICE_INVALID_DATA' });
});

t.test('the types the server itself sends are refused', async (t) => {
  for (const type of ['open', 'error', 'connected', 'heartbeat', 'refused', 'expiring']) {
    t.throws(() => prepare('a', 1, type), { statusCode: 400, code: 'SLUICE_RESERVED_TYPE', message: type });
  }
  t.equal(RESERVED_TYPES.size, 6);
  t.doesNotThrow(() => prepare('a', 1, 'Error'));
});

t.test('data may have as many bytes as the limit: of its text, or of its JSON', async (t) => {
  const tooLarge = {
    statusCode: 413,
    code: 'SLUICE_EVENT_TOO_LARGE',
    message: /^data has 101 bytes, more than the 100/,
  };
  t.doesNotThrow(() => prepare('a', 'x'.repeat(100)), 'the quotes of a text do not count');
  t.throws(() => prepare('a', 'x'.repeat(101)), tooLarge);
  t.throws(() => prepare('a', `${'é'.repeat(50)}x`), tooLarge, 'bytes, not characters');
  t.doesNotThrow(() => prepare('a', ['x'.repeat(96)]));
  t.throws(() => prepare('a', ['x'.repeat(97)]), tooLarge);
});

t.test('a cursor is read as it was written', async () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (pos) => {
      const epoch = createEpoch();
      const cursor = formatCursor(epoch, pos);
      assert.deepEqual(parseCursor(cursor), { epoch, pos });
      assert.ok(Buffer.byteLength(cursor) <= 32 && /^[!-~]+$/.test(cursor));
    }),
    { seed: 1 },
  );
});

t.test('nothing else is a cursor', async (t) => {
  const epoch = createEpoch();
  for (const text of ['', '1', epoch, `${epoch}.`, `${epoch}.1.`, `${epoch}.-1`, `${epoch}.01`, `${epoch}.1e3`]) {
    t.equal(parseCursor(text), undefined, text);
  }
  for (const text of [
    `${epoch}.9007199254740992`,
    ` ${epoch}.1`,
    `${epoch}.1\n`,
    `${epoch}.1\0`,
    `${epoch}x.1`,
    `é${epoch}.1`,
  ]) {
    t.equal(parseCursor(text), undefined, JSON.stringify(text));
  }
});

t.test('any text is a cursor or none, and a cursor is written in one way only', async () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{10,12}[.,]\d{0,18}$/), (text) => {
      const cursor = parseCursor(text);
      assert.ok(cursor === undefined || formatCursor(cursor.epoch, cursor.pos) === text);
    }),
    { seed: 1, numRuns: 1000 },
  );
});

t.test('no two epochs share a name', async (t) => {
  t.equal(new Set(Array.from({ length: 10_000 }, createEpoch)).size, 10_000);
});

t.test('notifications of one millisecond have different numbers', async (t) => {
  const now = Date.parse('2030-01-01');
  const notifications = Array.from({ length: 100 }, () => createNotification({ message: 'x', level: 'info' }, now));
  t.match(notifications[0], { id: Number, message: 'x', level: 'info', timestamp: now });
  t.equal(new Set(notifications.map(({ id }) => id)).size, 100);
  const later = createNotification({ message: 'x' }, now + 50);
  t.ok(later.id > (notifications[99]?.id ?? 0));
  const busy = Array.from({ length: 900 }, () => createNotification({ message: 'x' }, now + 60));
  t.ok((busy.at(-1)?.id ?? 0) < (now + 61) * 1000, 'what comes after a restart a millisecond later has another');
});

t.test('progress is told in percent with two decimals', async (t) => {
  t.same(createProgress(45, 100), { moved: 45, total: 100, percent: '45.00' });
  t.equal(createProgress(0, 7).percent, '0.00');
  t.equal(createProgress(1, 3).percent, '33.33');
  t.equal(createProgress(999_999, 1_000_000).percent, '99.99', 'not done');
  t.equal(createProgress(7, 7).percent, '100.00');
});

t.test('a body that is not UTF-8 is refused', async (t) => {
  t.equal(decodeText(Buffer.from('é\0😀')), 'é\0😀');
  for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]]) {
    t.throws(() => decodeText(Buffer.from(bytes)), { statusCode: 400, code: 'SLUICE_INVALID_TEXT' });
  }
});
