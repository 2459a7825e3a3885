import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { MAX_JSON_DEPTH, parseJson, toJson } from '../../src/events/json.js';

const invalidData = { statusCode: 400, code: 'SLUICE_INVALID_DATA' };
const invalidJson = { statusCode: 400, code: 'SLUICE_INVALID_JSON' };

t.test('JSON is taken as it is', async (t) => {
  t.equal(parseJson('null'), null);
  t.equal(parseJson(' 1.50 '), 1.5);
  t.same(parseJson('{"a":[true,"é\\u2028"]}'), { a: [true, 'é\u2028'] });
});

t.test('nothing is not JSON', async (t) => {
  for (const text of ['', ' ', '\r\n\t']) {
    t.throws(() => parseJson(text), { statusCode: 400, code: 'SLUICE_EMPTY_BODY' });
  }
});

t.test('what is not JSON is refused with the place of the error', async (t) => {
  for (const text of ['{', '[1,]', "{'a':1}", 'undefined', '"', '"\n"', '01', 'NaN', '{"a":1}{"a":2}']) {
    t.throws(() => parseJson(text), { ...invalidJson, message: /^not valid JSON: ./ }, text);
  }
});

t.test('integers up to 2^53 - 1 are taken, those beyond are refused', async (t) => {
  t.equal(parseJson('9007199254740991'), Number.MAX_SAFE_INTEGER);
  t.same(parseJson('{"a":[-9007199254740991]}'), { a: [Number.MIN_SAFE_INTEGER] });
  for (const text of ['9007199254740992', '-9007199254740992', '[1,12345678901234567890]', '{"a":9007199254740993}']) {
    t.throws(() => parseJson(text), { ...invalidData, message: /send it as a string/ }, text);
  }
});

t.test('digits that are no integer, or in a string, do not matter', async (t) => {
  const texts = [
    '0.12345678901234567',
    '12345678901234567.5',
    '1e20',
    '{"12345678901234567":"98765432109876543 \\"1e999"}',
  ];
  for (const text of texts) {
    t.same(parseJson(text), JSON.parse(text), text);
  }
});

t.test('numbers beyond a double are refused, for they would become null', async (t) => {
  t.equal(parseJson('1.7e308'), 1.7e308);
  t.equal(parseJson('1e-400'), 0);
  for (const text of ['1e309', '-1E+400', '{"a":[1.5e999]}', `${'9'.repeat(300)}e50`, `${'9'.repeat(400)}.5`]) {
    t.throws(() => parseJson(text), { ...invalidData, message: /send it as a string/ }, text.slice(0, 20));
  }
});

t.test(`nesting is taken to ${MAX_JSON_DEPTH} levels`, async (t) => {
  const nested = (depth: number) => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`;
  t.doesNotThrow(() => parseJson(nested(MAX_JSON_DEPTH)));
  t.throws(() => parseJson(nested(MAX_JSON_DEPTH + 2)), invalidData);
  t.throws(() => parseJson('['.repeat(200_000)), invalidData);
  t.doesNotThrow(() => parseJson(JSON.stringify('[{'.repeat(100))), 'brackets in a string are none');
  t.doesNotThrow(() => parseJson(JSON.stringify([`\\"${'['.repeat(100)}`])));
  t.doesNotThrow(() => parseJson(`[${'[],'.repeat(200)}[]]`), 'side by side is not deep');
});

t.test('keys that would reach a prototype are refused', async (t) => {
  for (const text of ['{"__proto__":{"a":1}}', '[{"x":{"__proto__":1}}]', '{"\\u005f_proto__":1}']) {
    t.throws(() => parseJson(text), invalidJson, text);
  }
  t.throws(() => parseJson('{"constructor":{"prototype":{"a":1}}}'), invalidJson);
  t.same(parseJson('{"constructor":"me"}'), { constructor: 'me' });
});

t.test('a hostile text costs no more than its length', async (t) => {
  const started = performance.now();
  t.throws(() => parseJson(`[1234567890123456,"${'\\"'.repeat(130_000)}`), invalidJson);
  t.throws(() => toJson(`${'\\'.repeat(260_000)}\ud800`), invalidData);
  t.ok(performance.now() - started < 1000);
});

t.test('half a surrogate pair is refused wherever it stands, the text \\ud800 is not', async (t) => {
  for (const value of ['\ud800', 'a\udfff', { a: ['\ud83d'] }, { '\udc00': 1 }, '\\\ud800', '\ude00\ud83d']) {
    t.throws(() => toJson(value), invalidData, JSON.stringify(value));
  }
  for (const value of ['😀', '\\ud800', '\\\\ud800', { 'C:\\udata': '\\\\\\ud83d' }]) {
    t.equal(toJson(value), JSON.stringify(value));
  }
  t.throws(() => toJson(parseJson('"\\ud800"')), invalidData);
});

t.test('what has no JSON is refused', async (t) => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  for (const value of [undefined, () => 1, Symbol('a'), 1n, { a: 1n }, cycle]) {
    t.throws(() => toJson(value), invalidData);
  }
});

t.test('every JSON value comes out as it went in', async () => {
  const isRefused = (value: unknown) => /(?<![\d.])\d{16,}(?![\d.])|__proto__/.test(JSON.stringify(value));
  const values = fc.jsonValue({ maxDepth: 6, stringUnit: 'grapheme' }).filter((value) => !isRefused(value));
  fc.assert(
    fc.property(values, (value) => {
      const json = toJson(parseJson(JSON.stringify(value)));
      assert.equal(json, JSON.stringify(value));
      assert.ok(!/[\r\n]/.test(json), 'in one line');
    }),
    { seed: 1, numRuns: 1000 },
  );
});

t.test('of a safe integer no digit is lost, an unsafe one is never taken', async () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (integer) => {
      const isSafe = BigInt.asIntN(54, integer) === integer && integer !== -(2n ** 53n);
      const parse = () => toJson(parseJson(`{"a":[${integer}]}`));
      isSafe ? assert.equal(parse(), `{"a":[${integer}]}`) : assert.throws(parse, invalidData);
    }),
    { seed: 1, numRuns: 1000 },
  );
});
