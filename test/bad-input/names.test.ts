import t from 'tap';
import { startServer } from '../server/process.js';
import { createTarget, isUnharmed, JSON_TYPE, raw, send } from './target.js';

const NOT_DECODED = { status: 400, code: 'FST_ERR_BAD_URL', message: /not a valid url component/ };
const NO_NAME = { status: 400, code: 'FST_ERR_VALIDATION', message: /params\/id must be a (?:stream name|task id)/ };
const TOO_LONG = { status: 414, code: 'FST_ERR_MAX_PARAM_LENGTH', message: /./ };
const NO_PATH = { status: 404, code: 'SLUICE_NOT_FOUND', message: /nothing at POST/ };
const NO_HTTP = { status: 400, code: 'SLUICE_MALFORMED_REQUEST', message: /not an HTTP request/ };

/** What stands in the path after /sse/, byte for byte. */
const NAMES: Record<string, { status: number; code: string; message: RegExp }> = {
  '%': NOT_DECODED,
  '%4': NOT_DECODED,
  '%zz': NOT_DECODED,
  'a%E0%A4%A': NOT_DECODED,
  '%ff': NOT_DECODED,
  '%C0%AF': NOT_DECODED,
  '%ED%A0%80': NOT_DECODED,
  '%00': NO_NAME,
  'a%00b': NO_NAME,
  '%2f': NO_NAME,
  'a%2Fb': NO_NAME,
  'a%5Cb': NO_NAME,
  '..%2f..%2flivez': NO_NAME,
  '%0d%0aset-cookie:%20a=b': NO_NAME,
  'a%0A': NO_NAME,
  '.': NO_NAME,
  '..': NO_NAME,
  '%2e%2e': NO_NAME,
  '../livez': NO_PATH,
  'a/../b': NO_PATH,
  './a': NO_PATH,
  '%2561': NO_NAME,
  '%252e%252e': NO_NAME,
  'a%2500': NO_NAME,
  'a%C2%85': NO_NAME,
  'a%E2%80%AE': NO_NAME,
  '*': NO_NAME,
  '.a': NO_NAME,
  '-a': NO_NAME,
  _a: NO_NAME,
  'a%20b': NO_NAME,
  'a%2Cb': NO_NAME,
  '%C3%A4': NO_NAME,
  'a.*': NO_NAME,
  '%F0%9F%98%80': NO_NAME,
  [`${'x'.repeat(129)}`]: NO_NAME,
  [`${'%78'.repeat(129)}`]: NO_NAME,
  [`${'x'.repeat(513)}`]: TOO_LONG,
  'a b': NO_HTTP,
  'a\0b': NO_HTTP,
  'a\nb': NO_HTTP,
  'a\rb': NO_HTTP,
  'a\x7fb': NO_HTTP,
  'a\xffb': NO_HTTP,
  '': NO_NAME,
};

t.test('a path that is no stream name is refused, and says why', async (t) => {
  const target = await createTarget(t);
  for (const [name, expected] of Object.entries(NAMES)) {
    const answer = await send(t, target, raw(`POST /sse/${name}`, [JSON_TYPE], '{"a":1}'));
    t.match(answer, expected, JSON.stringify(name));
  }
  await isUnharmed(t, target);
});

t.test('the standalone server answers the same', async (t) => {
  const { port } = await startServer(t, { LOG: 'memory' });
  for (const [name, expected] of Object.entries(NAMES)) {
    const answer = await send(t, { port }, raw(`POST /sse/${name}`, [JSON_TYPE], '{"a":1}'));
    t.match(answer, expected, JSON.stringify(name));
  }
  const { streams } = (await (await fetch(`http://127.0.0.1:${port}/streams`)).json()) as { streams: unknown[] };
  t.strictSame(streams, [], 'and has stored nothing');
});

t.test('the same names are refused where tasks and purges take them', async (t) => {
  const target = await createTarget(t);
  for (const name of ['%zz', '%00', '%2f', '%0d%0a', '..', '%2561', 'x'.repeat(129)]) {
    const expected = NAMES[name] ?? NO_NAME;
    t.match(await send(t, target, raw(`DELETE /sse/${name}`)), expected, `DELETE /sse/${name}`);
    t.match(await send(t, target, raw(`GET /sse/${name}`)), expected, `GET /sse/${name}`);
    const task = raw(`PUT /tasks/${name}`, [JSON_TYPE], '{"moved":1,"total":2}');
    t.match(await send(t, target, task), expected, `PUT /tasks/${name}`);
  }
  await isUnharmed(t, target);
});

t.test('a request line that names no path of ours reaches nothing', async (t) => {
  const target = await createTarget(t);
  const lines = { 'POST //evil.example/sse/a': 404, 'POST /sse\\a': 404, 'POST *': 405, 'POST sse/a': 400 };
  for (const [line, status] of Object.entries(lines)) {
    t.match(await send(t, target, raw(line, [JSON_TYPE], '{"a":1}')), { status, code: /^SLUICE_/, message: /./ }, line);
  }
  t.equal((await send(t, target, raw('CONNECT evil.example:443'))).text, '', 'this is no proxy');
  await isUnharmed(t, target);
});
