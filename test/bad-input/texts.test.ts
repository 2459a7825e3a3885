import t from 'tap';
import { createTarget, isUnharmed, JSON_TYPE, raw, send } from './target.js';

/** Each could end a line, hide text, or turn its direction: C0, DEL, C1, format and direction marks, line separators. */
const CONTROLS = [
  ...'\0\t\n\r\x1b\x7f\x80\x85\x9f\u00ad\u061c\u200b\u200e\u200f\u2028\u2029\u2060\ufeff',
  ...'\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069',
];
const NAMES = CONTROLS.map((char) => [`U+${char.charCodeAt(0).toString(16).padStart(4, '0')}`, char] as const);

t.test('a type with a control or direction character is refused', async (t) => {
  const target = await createTarget(t);
  const expected = { status: 400, code: 'FST_ERR_VALIDATION' };
  for (const [name, char] of NAMES) {
    const type = `a${char}b`;
    const one = await send(t, target, raw(`POST /sse/a?type=${encodeURIComponent(type)}`, [JSON_TYPE], '{"a":1}'));
    t.match(one, { ...expected, message: /querystring\/type/ }, name);
    const batch = JSON.stringify([{ stream: 'a', type, data: 1 }]);
    t.match(
      await send(t, target, raw('POST /events', [JSON_TYPE], batch)),
      { ...expected, message: /body\/0\/type/ },
      name,
    );
  }
  await isUnharmed(t, target);
});

t.test('a type has at most 128 characters, whatever each takes in memory', async (t) => {
  const target = await createTarget(t);
  const post = (type: string) => send(t, target, raw(`POST /sse/a?type=${encodeURIComponent(type)}`, [JSON_TYPE], '1'));
  for (const char of ['x', 'é', '\u{1f600}']) {
    t.match(await post(char.repeat(128)), { status: 201 }, char);
    t.match(
      await post(char.repeat(129)),
      { status: 400, code: 'FST_ERR_VALIDATION', message: /querystring\/type/ },
      char,
    );
  }
  await isUnharmed(t, target, 3);
});

t.test('a title with a control or direction character is refused', async (t) => {
  const target = await createTarget(t);
  for (const [name, char] of NAMES) {
    const body = JSON.stringify({ message: 'a', title: `a${char}` });
    const expected = { status: 400, code: 'FST_ERR_VALIDATION', message: /body\/title/ };
    t.match(await send(t, target, raw('POST /notify', [JSON_TYPE], body)), expected, name);
  }
  await isUnharmed(t, target);
});

t.test('an Idempotency-Key is visible ASCII; what would break its line never becomes a request', async (t) => {
  const target = await createTarget(t);
  const post = (key: string | Buffer) => {
    const [head, tail] = raw('POST /sse/a', [JSON_TYPE, 'idempotency-key: @@'], '1').toString('latin1').split('@@');
    return send(t, target, Buffer.concat([Buffer.from(head ?? ''), Buffer.from(key), Buffer.from(tail ?? '')]));
  };
  const notKey = { status: 400, code: 'SLUICE_INVALID_IDEMPOTENCY_KEY', message: /visible ASCII/ };
  const keys = ['', '""', 'a b', 'a\tb', 'a\u0085b', 'a\u202eb', 'é', Buffer.from([0x80]), Buffer.from([0xff])];
  for (const key of [...keys, 'x'.repeat(256), `"${'x'.repeat(256)}"`]) {
    t.match(await post(key), notKey, JSON.stringify(key));
  }
  const notHttp = { status: 400, code: 'SLUICE_MALFORMED_REQUEST', message: /not an HTTP request/ };
  for (const key of ['a\0b', 'a\rb', 'a\nb', 'a\x01b', 'a\x7fb']) {
    t.match(await post(key), notHttp, JSON.stringify(key));
  }
  await isUnharmed(t, target);
});

t.test('a stream name in a body follows the same rule as in a path', async (t) => {
  const target = await createTarget(t);
  for (const stream of [
    '',
    '*',
    'a.*',
    '.a',
    'a/b',
    'a b',
    'a\n',
    '\u202ea',
    'ä',
    '%61',
    'x'.repeat(129),
    '__proto__',
  ]) {
    const batch = JSON.stringify([{ stream, data: 1 }]);
    const expected = { status: 400, code: 'FST_ERR_VALIDATION', message: /body\/0\/stream must be a stream name/ };
    t.match(await send(t, target, raw('POST /events', [JSON_TYPE], batch)), expected, JSON.stringify(stream));
    const notify = JSON.stringify({ message: 'a', stream });
    t.match(await send(t, target, raw('POST /notify', [JSON_TYPE], notify)), { status: 400, message: /body\/stream/ });
  }
  await isUnharmed(t, target);
});
