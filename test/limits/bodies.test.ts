import t from 'tap';
import { build } from '../support/build.js';
import { connect, request } from '../support/raw-client.js';
import { serve } from '../wire/serve.js';

const headers = { 'content-type': 'application/json' };
const nested = (depth: number, inner = '') => '['.repeat(depth) + inner + ']'.repeat(depth);

t.test('JSON may be nested 64 deep, and no deeper', async (t) => {
  const { app } = await build(t);
  const post = async (payload: string) => {
    const { statusCode, body } = await app.inject({ method: 'POST', url: '/sse/a', headers, payload });
    return { statusCode, code: JSON.parse(body).code };
  };
  t.match(await post(nested(64)), { statusCode: 201 });
  const tooDeep = { statusCode: 400, code: 'SLUICE_INVALID_DATA' };
  t.match(await post(nested(65)), tooDeep);
  t.match(await post(nested(100_000)), tooDeep, '100,000 deep');
  t.match(await post('['.repeat(100_000)), tooDeep, 'and never closed');
  t.match(await post('{"a":'.repeat(40_000)), tooDeep, 'of objects');
  t.match(await post(nested(60, '"[[[[[[{{{{{{\\"[["')), { statusCode: 201 }, 'brackets in a text are text');
});

t.test('an event over MAX_EVENT_BYTES is 413 on the wire, whether its length is known or not', async (t) => {
  const { port, app } = await serve(t, { maxEventBytes: 1000 });
  const large = 'a'.repeat(2000);
  const known = await connect(t, port, request('POST /sse/a', { ...headers, 'content-length': '5000000' }));
  t.match(
    await known.until(/\}\n$/),
    /^HTTP\/1\.1 413 [\s\S]*"code":"FST_ERR_CTP_BODY_TOO_LARGE"/,
    'before it has come',
  );
  known.send('a'.repeat(5_000_000) + request('GET /livez'));
  await known.until(/HTTP\/1\.1 200 /);
  const chunked = await connect(t, port, request('POST /sse/a', { ...headers, 'transfer-encoding': 'chunked' }));
  chunked.send(`${large.length.toString(16)}\r\n${large}\r\n`);
  t.match(await chunked.until(/\}\n$/), /^HTTP\/1\.1 413 [\s\S]*"code":"FST_ERR_CTP_BODY_TOO_LARGE"/);
  const exact = await app.inject({ method: 'POST', url: '/sse/a', headers, payload: JSON.stringify('a'.repeat(998)) });
  t.equal(exact.statusCode, 201, 'and one of just that size is taken');
});

t.test('so deep may each event of a batch be, and the one that is deeper is named', async (t) => {
  const { app } = await build(t);
  const post = async (type: string, payload: string) => {
    const reply = await app.inject({ method: 'POST', url: '/events', headers: { 'content-type': type }, payload });
    return reply.json();
  };
  const event = (depth: number) => `{"stream":"a","data":${nested(depth)}}`;
  for (const [type, whole, place] of [
    ['application/json', (...events: string[]) => `[${events}]`, 'event 1'],
    ['application/x-ndjson', (...events: string[]) => events.join('\n'), 'line 2'],
  ] as const) {
    t.match(await post(type, whole(event(1), event(64))), { ids: [String, String] });
    const message = `${place}: JSON is nested more than 64 levels deep`;
    t.match(await post(type, whole(event(1), event(65), event(66))), { code: 'SLUICE_INVALID_DATA', message });
  }
});
