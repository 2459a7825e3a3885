import t from 'tap';
import { build } from '../support/build.js';
import { bearer, guard } from '../support/keys.js';

type Path = Record<string, { readonly responses: Record<string, { headers?: object }> }>;

t.test('what is sent and answered has names, and an error is one schema', async (t) => {
  const { app } = await build(t);
  const { paths, components } = (await app.inject('/docs/json')).json();
  const names = [
    'Error',
    'Event',
    'Health',
    'Info',
    'Notification',
    'Published',
    'PublishedBatch',
    'Purged',
    'Session',
  ];
  t.strictSame(Object.keys(components.schemas).sort(), [...names, 'StreamPage', 'StreamSummary', 'TaskReport']);
  const { responses } = paths['/streams'].get;
  t.strictSame(responses[200].content, { 'application/json': { schema: { $ref: '#/components/schemas/StreamPage' } } });
  for (const status of [400, 429, 503]) {
    t.strictSame(responses[status].content['application/json'].schema, { $ref: '#/components/schemas/Error' });
  }
});

t.test('answers tell their headers', async (t) => {
  const { app } = await build(t);
  const { paths } = (await app.inject('/docs/json')).json();
  const namesOf = (response?: { headers?: object }) => Object.keys(response?.headers ?? {}).sort();
  const rate = ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'];
  t.strictSame(namesOf(paths['/notify'].post.responses[201]), ['idempotent-replayed', ...rate]);
  t.strictSame(namesOf(paths['/tasks/{id}'].put.responses[200]), ['idempotent-replayed', ...rate]);
  t.strictSame(namesOf(paths['/sse/{id}'].delete.responses[200]), rate);
  t.strictSame(namesOf(paths['/streams'].get.responses[200]), rate);
  t.strictSame(namesOf(paths['/metrics'].get.responses[200]), rate);
  t.strictSame(namesOf(paths['/session'].get.responses[200]), []);
  t.strictSame(namesOf(paths['/session'].post.responses[204]), ['set-cookie']);
  t.strictSame(namesOf(paths['/'].get.responses[302]), ['location']);
  for (const { responses } of Object.values<Path>(paths).flatMap((path) => Object.values(path))) {
    t.strictSame(namesOf(responses[401]), ['www-authenticate']);
    t.strictSame(namesOf(responses[429]), [...rate, 'retry-after']);
    t.strictSame(namesOf(responses[503]), ['retry-after']);
  }
});

t.test('it tells of the rate where the server does, and nowhere else', async (t) => {
  const { app } = await guard(t, { all: { publish: ['*'], subscribe: ['*'], rate: 100 } });
  const headers = bearer('all');
  const { paths } = (await app.inject('/docs/json')).json();
  for (const [method, path, payload] of [
    ['get', '/', undefined],
    ['get', '/livez', undefined],
    ['get', '/session', undefined],
    ['get', '/streams', undefined],
    ['get', '/metrics', undefined],
    ['post', '/sse/{id}', { a: 1 }],
    ['post', '/events', [{ stream: 'a', data: 1 }]],
    ['post', '/notify', { message: 'hello' }],
    ['put', '/tasks/{id}', { moved: 1, total: 2 }],
    ['delete', '/sse/{id}', undefined],
  ] as const) {
    const url = path.replace('{id}', 'a');
    const answer = await app.inject({ method, url, headers, ...(payload !== undefined && { payload }) });
    const told = Object.keys(paths[path][method].responses[answer.statusCode].headers ?? {});
    t.equal(told.includes('ratelimit-limit'), 'ratelimit-limit' in answer.headers, `${method} ${path}`);
  }
});

t.test('it tells both names of the session cookie', async (t) => {
  const { app } = await build(t);
  const { session } = (await app.inject('/docs/json')).json().components.securitySchemes;
  t.match(session, { in: 'cookie', name: '__Host-sluice', description: /`sluice`/ });
});

t.test('every reference of the description leads somewhere', async (t) => {
  const { app } = await build(t);
  const { body } = await app.inject('/docs/json');
  const { components } = JSON.parse(body);
  for (const [, kind = '', name = ''] of body.matchAll(/"#\/components\/(\w+)\/([\w-]+)"/g)) {
    t.ok(components[kind][name], `${kind} ${name}`);
  }
});

t.test('what is empty is refused by the description, too', async (t) => {
  const { app } = await build(t);
  const { paths } = (await app.inject('/docs/json')).json();
  const { content } = paths['/sse/{id}'].post.requestBody;
  t.match(content['application/json'].schema, { not: { type: 'null' } });
  t.strictSame(content['text/plain'].schema, { type: 'string', minLength: 1 });
  t.match(paths['/events'].post.requestBody.content['application/json'].schema, { minItems: 1 });
});

t.test('every tool reads its patterns', async (t) => {
  const { app } = await build(t);
  const { body } = await app.inject('/docs/json');
  const patterns = [...body.matchAll(/"pattern":"([^"]*)"/g)].map(([, pattern]) => pattern);
  t.ok(patterns.length > 5, 'the patterns were found');
  // Python's re has no property escapes, Go's regexp no \u.
  t.strictSame(
    patterns.filter((pattern) => /\\\\[pPu]/.test(pattern ?? '')),
    [],
  );
});
