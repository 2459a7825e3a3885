import fc from 'fast-check';
import t from 'tap';
import { build } from '../support/build.js';

const ROUTES = [
  ['POST', '/sse/a'],
  ['POST', '/events'],
  ['POST', '/notify'],
  ['PUT', '/tasks/a'],
] as const;
const TYPES = ['application/json', 'application/x-ndjson', 'text/plain', 'application/json; charset=latin1', 'x/y', ''];

const wordy = fc.oneof(
  fc.jsonValue(),
  fc.record({ stream: fc.jsonValue(), type: fc.jsonValue(), data: fc.jsonValue() }),
);
const json = fc.oneof(wordy, fc.array(wordy)).map((value) => Buffer.from(JSON.stringify(value)));
const bytes = fc.uint8Array({ maxLength: 64 }).map((array) => Buffer.from(array));
const body = fc.oneof(
  json,
  bytes,
  fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
);
const octet = fc.integer({ min: 0, max: 255 }).map((byte) => `%${byte.toString(16).padStart(2, '0')}`);
const path = fc.array(fc.oneof(octet, fc.constantFrom('%', 'a', '.', '*', '/', '?', '&', '=', '%25', ';', ',', '-')), {
  maxLength: 40,
});

t.test('no body, whatever its type, is a 500', async (t) => {
  const { app } = await build(t);
  const request = fc.record({ route: fc.constantFrom(...ROUTES), type: fc.constantFrom(...TYPES), payload: body });
  await fc.assert(
    fc.asyncProperty(request, async ({ route: [method, url], type, payload }) => {
      const headers = type === '' ? {} : { 'content-type': type };
      const { statusCode } = await app.inject({ method, url, headers, payload });
      return statusCode < 500;
    }),
    { numRuns: 1000 },
  );
});

t.test('no path or query is a 500', async (t) => {
  const { app } = await build(t);
  const prefix = fc.constantFrom(
    '/',
    '/sse/',
    '/tasks/',
    '/sse/a?type=',
    '/streams?',
    '/streams?after=',
    '/docs/',
    '/x?',
  );
  const method = fc.constantFrom('POST' as const, 'DELETE' as const, 'PUT' as const, 'HEAD' as const);
  await fc.assert(
    fc.asyncProperty(method, prefix, path, async (method, start, rest) => {
      const { statusCode } = await app.inject({ method, url: start + rest.join('') });
      return statusCode < 500;
    }),
    { numRuns: 1000 },
  );
});

t.test('no query of a stream is a 500', async (t) => {
  const { app } = await build(t);
  const start = fc.constantFrom('streams=', 'lastEventId=', 'last=', 'streams=a&');
  await fc.assert(
    fc.asyncProperty(start, path, async (start, rest) => {
      const { statusCode } = await app.inject({ method: 'HEAD', url: `/events?${start}${rest.join('')}` });
      return statusCode < 500;
    }),
    { numRuns: 500 },
  );
});
