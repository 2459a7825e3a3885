import t from 'tap';
import { connect } from '../support/raw-client.js';
import { createTarget, isUnharmed, JSON_TYPE, raw, send } from './target.js';

const TEXT = 'content-type: text/plain';
const NDJSON = 'content-type: application/x-ndjson';
const bytes = (...values: number[]) => Buffer.from(values);

t.test('bytes that are not UTF-8 are refused, never replaced', async (t) => {
  const target = await createTarget(t);
  const broken = {
    'a byte that never occurs': bytes(0xff),
    'a sequence cut short': bytes(0xe2, 0x82),
    'a continuation alone': bytes(0x80),
    'an overlong slash': bytes(0xc0, 0xaf),
    'half a surrogate pair': bytes(0xed, 0xa0, 0x80),
    'beyond Unicode': bytes(0xf4, 0x90, 0x80, 0x80),
    'Latin-1': Buffer.from('caf\xe9', 'latin1'),
    'UTF-16': Buffer.from('\ufeffhello', 'utf16le'),
  };
  const expected = { status: 400, code: 'SLUICE_INVALID_TEXT', message: /not valid UTF-8/ };
  for (const [name, text] of Object.entries(broken)) {
    const within = (before: string, after: string) => Buffer.concat([Buffer.from(before), text, Buffer.from(after)]);
    const requests = [
      raw('POST /sse/a', [TEXT], text),
      raw('POST /sse/a', [JSON_TYPE], within('"', '"')),
      raw('POST /sse/a', [JSON_TYPE], within('{"', '":1}')),
      raw('POST /events', [JSON_TYPE], within('[{"stream":"a","data":"', '"}]')),
      raw('POST /events', [NDJSON], within('{"stream":"a","data":"', '"}\n')),
      raw('POST /notify', [JSON_TYPE], within('{"message":"', '"}')),
      raw('PUT /tasks/a', [JSON_TYPE], within('{"moved":1,"total":2,"message":"', '"}')),
    ];
    for (const request of requests) {
      t.match(await send(t, target, request), expected, `${name}: ${request.toString('latin1').split(' HTTP', 1)}`);
    }
  }
  await isUnharmed(t, target);
});

t.test('half a surrogate pair, written as an escape, is refused wherever it stands', async (t) => {
  const target = await createTarget(t);
  const expected = { status: 400, code: /^(SLUICE_INVALID_DATA|FST_ERR_VALIDATION)$/, message: /./ };
  for (const half of [
    '\\ud800',
    '\\uDBFF',
    '\\udc00',
    '\\uDFFFa',
    '\\ud800\\ud800',
    '\\udc00\\ud800',
    'a\\\\\\ud800',
  ]) {
    const requests = [
      raw('POST /sse/a', [JSON_TYPE], `"${half}"`),
      raw('POST /sse/a', [JSON_TYPE], `{"${half}":1}`),
      raw('POST /sse/a', [JSON_TYPE], `[[{"a":["${half}"]}]]`),
      raw('POST /events', [JSON_TYPE], `[{"stream":"a","data":1},{"stream":"a","data":"${half}"}]`),
      raw('POST /events', [JSON_TYPE], `[{"stream":"a","type":"${half}","data":1}]`),
      raw('POST /events', [NDJSON], `{"stream":"a","data":1}\n{"stream":"a","data":"${half}"}`),
      raw('POST /notify', [JSON_TYPE], `{"message":"${half}"}`),
      raw('POST /notify', [JSON_TYPE], `{"message":"a","title":"${half}"}`),
      raw('PUT /tasks/a', [JSON_TYPE], `{"moved":1,"total":2,"message":"${half}"}`),
    ];
    for (const request of requests) {
      t.match(await send(t, target, request), expected, String(request.toString().split('\r\n').at(-1)));
    }
  }
  await isUnharmed(t, target);
});

t.test('names that could reach a prototype are refused, and reach none', async (t) => {
  const target = await createTarget(t);
  const poison = ['"__proto__":{"polluted":1}', '"\\u005f_proto__":1', '"constructor":{"prototype":{"polluted":1}}'];
  const expected = { status: 400, code: 'SLUICE_INVALID_JSON', message: /forbidden/ };
  for (const member of poison) {
    const requests = [
      raw('POST /sse/a', [JSON_TYPE], `{${member}}`),
      raw('POST /sse/a', [JSON_TYPE], `[{"a":{${member}}}]`),
      raw('POST /events', [JSON_TYPE], `[{"stream":"a","data":1,${member}}]`),
      raw('POST /events', [NDJSON], `{"stream":"a","data":{${member}}}`),
      raw('POST /notify', [JSON_TYPE], `{"message":"a",${member}}`),
      raw('PUT /tasks/a', [JSON_TYPE], `{"moved":1,"total":2,${member}}`),
    ];
    for (const request of requests) {
      t.match(await send(t, target, request), expected, String(request.toString().split('\r\n').at(-1)));
    }
  }
  const query = raw('POST /sse/a?__proto__=1&constructor=1&__proto__[polluted]=1', [JSON_TYPE], '');
  t.match(await send(t, target, query), { status: 400, code: 'SLUICE_EMPTY_BODY' });
  t.notOk('polluted' in {});
  await isUnharmed(t, target);
});

t.test('JSON 100,000 levels deep is refused before it is parsed', async (t) => {
  const target = await createTarget(t);
  const deep = ['['.repeat(100_000), '{"a":'.repeat(40_000), `${'['.repeat(100_000)}${']'.repeat(100_000)}`];
  const expected = { status: 400, code: 'SLUICE_INVALID_DATA', message: /64 levels deep/ };
  for (const body of deep) {
    for (const [line, type] of [
      ['POST /sse/a', JSON_TYPE],
      ['POST /events', JSON_TYPE],
      ['POST /events', NDJSON],
      ['POST /notify', JSON_TYPE],
      ['PUT /tasks/a', JSON_TYPE],
    ] as const) {
      t.match(await send(t, target, raw(line, [type], body)), expected, `${line} ${type}`);
    }
  }
  await isUnharmed(t, target);
});

t.test('a body of another type, or without one, is refused before it is looked at', async (t) => {
  const target = await createTarget(t);
  const types = ['application/xml', 'multipart/form-data; boundary=a', 'application/jsonp', 'text/html', 'json', '*/*'];
  const expected = { status: 415, code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE', message: /send application\/json/ };
  for (const type of [...types, 'application/x-www-form-urlencoded', 'application/json, text/plain']) {
    for (const line of ['POST /sse/a', 'POST /events', 'POST /notify', 'PUT /tasks/a']) {
      t.match(await send(t, target, raw(line, [`content-type: ${type}`], '{"a":1}')), expected, `${line} ${type}`);
    }
  }
  for (const line of ['POST /sse/a', 'POST /events', 'POST /notify', 'PUT /tasks/a']) {
    t.match(await send(t, target, raw(line, [], '{"a":1}')), { status: 415 }, `${line} without a type`);
  }
  await isUnharmed(t, target);
});

t.test('a body that is compressed, or not in UTF-8, is refused rather than misread', async (t) => {
  const target = await createTarget(t);
  const expected = { status: 415, code: 'SLUICE_UNSUPPORTED_ENCODING', message: /UTF-8, uncompressed/ };
  const latin1 = Buffer.from('\u00c3\u00a9', 'latin1');
  for (const charset of ['iso-8859-1', '"iso-8859-1"', 'UTF-16', 'utf-7', 'windows-1252']) {
    const request = raw('POST /sse/a', [`${TEXT}; charset=${charset}`], latin1);
    t.match(await send(t, target, request), expected, `${charset}, though these bytes are UTF-8 too`);
  }
  for (const coding of ['gzip', 'br', 'deflate', 'identity, gzip', 'x']) {
    for (const line of ['POST /sse/a', 'POST /events', 'POST /notify', 'PUT /tasks/a']) {
      const request = raw(line, [JSON_TYPE, `content-encoding: ${coding}`], '{"a":1}');
      t.match(await send(t, target, request), expected, `${line} ${coding}`);
    }
  }
  const head = 'POST /sse/a HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close';
  const transferred = `${head}\r\ntransfer-encoding: gzip, chunked\r\n\r\n1\r\n1\r\n0\r\n\r\n`;
  t.match(await send(t, target, transferred), expected);
  await isUnharmed(t, target);
  for (const type of [`${TEXT}; charset=utf-8`, `${TEXT};charset="UTF-8"`, `${JSON_TYPE}; charset=us-ascii`]) {
    t.match(
      await send(t, target, raw('POST /sse/a', [type, 'content-encoding: identity'], '1')),
      { status: 201 },
      type,
    );
  }
  await isUnharmed(t, target, 3);
});

t.test('a byte order mark is part of a text, and none of JSON', async (t) => {
  const target = await createTarget(t);
  await send(t, target, raw('POST /sse/a', [TEXT], '\ufeffhello'));
  await send(t, target, raw('POST /sse/a', [JSON_TYPE], '\ufeff"hello"'));
  const watcher = await connect(t, target.port, 'GET /sse/a?last=2 HTTP/1.1\r\nhost: localhost\r\n\r\n');
  t.match(await watcher.until(/data: hello\n\n$/), /data: \ufeffhello\n\n/);
});

t.test('NDJSON with one bad line among 1,000 stores nothing and names the line', async (t) => {
  const target = await createTarget(t);
  const good = '{"stream":"a","data":1}';
  const bad: Record<string, [string, string]> = {
    'no JSON': ['{"stream":"a","data":', 'SLUICE_INVALID_JSON'],
    'two values': [`${good}${good}`, 'SLUICE_INVALID_JSON'],
    'no line': ['', 'SLUICE_EMPTY_BODY'],
    'a prototype': ['{"stream":"a","data":{"__proto__":1}}', 'SLUICE_INVALID_JSON'],
    'half a surrogate pair': ['{"stream":"a","data":"\\ud800"}', 'SLUICE_INVALID_DATA'],
    'a number that would change': ['{"stream":"a","data":9007199254740993}', 'SLUICE_INVALID_DATA'],
    'no object': ['null', 'FST_ERR_VALIDATION'],
    'no stream': ['{"data":1}', 'FST_ERR_VALIDATION'],
    'a bad stream': ['{"stream":"*","data":1}', 'FST_ERR_VALIDATION'],
    'no data': ['{"stream":"a"}', 'FST_ERR_VALIDATION'],
    'one member too many': ['{"stream":"a","data":1,"retry":5}', 'FST_ERR_VALIDATION'],
    'a reserved type': ['{"stream":"a","type":"heartbeat","data":1}', 'SLUICE_RESERVED_TYPE'],
  };
  for (const [name, [line, code]] of Object.entries(bad)) {
    const lines = Array.from({ length: 1000 }, () => good).with(616, line);
    const answer = await send(t, target, raw('POST /events', [NDJSON], lines.join('\n')));
    t.match(answer, { status: 400, code, message: /^line 617\b/ }, name);
  }
  await isUnharmed(t, target);
});
