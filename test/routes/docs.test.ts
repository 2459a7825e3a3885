import t from 'tap';
import { build } from '../support/build.js';

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: string[];
  readonly parameters?: { readonly in: string; readonly name: string }[];
  readonly requestBody?: { readonly content: Record<string, unknown> };
  readonly responses: Record<string, { readonly content?: Record<string, unknown> }>;
}

const OPERATIONS = [
  'DELETE /session',
  'DELETE /sse/{id}',
  'GET /',
  'GET /events',
  'GET /livez',
  'GET /metrics',
  'GET /readyz',
  'GET /session',
  'GET /sse/{id}',
  'GET /stream',
  'GET /streams',
  'POST /events',
  'POST /notify',
  'POST /session',
  'POST /sse/{id}',
  'PUT /tasks/{id}',
];

async function describe(t: Parameters<typeof build>[0], prefix = ''): Promise<Map<string, Operation>> {
  const { app } = await build(t, { prefix });
  const { openapi, paths } = (await app.inject(`${prefix}/docs/json`)).json();
  t.equal(openapi, '3.1.0');
  const operations = new Map<string, Operation>();
  for (const [path, methods] of Object.entries<Record<string, Operation>>(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      operations.set(`${method.toUpperCase()} ${path}`, operation);
    }
  }
  return operations;
}

t.test('/docs serves the API for people', async (t) => {
  const { app } = await build(t);
  const response = await app.inject('/docs');
  t.equal(response.statusCode, 200);
  t.match(response.headers['content-type'], /^text\/html/);
});

t.test('/docs/json describes every route, and nothing that is not one', async (t) => {
  const operations = await describe(t);
  const described = [...operations.keys()].filter((name) => !name.startsWith('HEAD '));
  t.strictSame(described.sort(), OPERATIONS);
});

t.test('every operation has a summary, a tag, all its path parameters, a success and the errors', async (t) => {
  for (const [name, { summary, tags, parameters = [], responses }] of await describe(t)) {
    t.type(summary, 'string', name);
    t.equal(tags?.length, 1, name);
    const inPath = [...name.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
    t.strictSame(
      parameters.filter(({ in: place }) => place === 'path').map(({ name }) => name),
      inPath,
      name,
    );
    t.ok(
      Object.keys(responses).some((code) => code.startsWith('2')),
      name,
    );
    t.ok('400' in responses, name);
    t.notOk('5XX' in responses, 'each error is named');
  }
});

t.test('every operation has a name of its own, embedded too', async (t) => {
  const named = await describe(t);
  const ids = [...named.values()].map(({ operationId }) => operationId);
  t.notOk(ids.includes(undefined), String([...named].find(([, { operationId }]) => operationId === undefined)?.[0]));
  t.equal(new Set(ids).size, named.size);
  t.equal(named.get('POST /events')?.operationId, 'publishBatch');
  const embedded = await describe(t, '/live');
  t.strictSame(
    [...embedded.values()].map(({ operationId }) => operationId),
    ids,
  );
});

t.test('bodies and streams name their media types', async (t) => {
  const operations = await describe(t);
  const bodyOf = (name: string) => Object.keys(operations.get(name)?.requestBody?.content ?? {});
  t.strictSame(bodyOf('POST /sse/{id}'), ['application/json', 'text/plain']);
  t.strictSame(bodyOf('POST /events'), ['application/json', 'application/x-ndjson']);
  t.strictSame(bodyOf('PUT /tasks/{id}'), ['application/json']);
  for (const name of ['GET /events', 'GET /sse/{id}', 'GET /stream']) {
    t.strictSame(Object.keys(operations.get(name)?.responses['200']?.content ?? {}), ['text/event-stream'], name);
  }
});
