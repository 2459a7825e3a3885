import t from 'tap';
import { build } from '../support/build.js';
import { watch } from '../support/watch.js';

t.test('GET / tells what runs and where to go', async (t) => {
  const { app, clock } = await build(t);
  await watch(app, '/sse/a');
  await clock.advance(2500);
  const response = await app.inject('/');
  t.equal(response.statusCode, 200);
  t.match(response.headers['content-type'], /^application\/json/);
  for (const url of ['/', '/livez', '/readyz']) {
    t.equal((await app.inject(url)).headers['cache-control'], 'no-store', url);
  }
  t.match(response.json(), {
    status: 'running',
    message: 'SSE Server is running',
    version: /^\d+\.\d+\.\d+/,
    uptime: 2.5,
    clients: 1,
    endpoints: { events: '/events', stream: '/stream', sse: '/sse/:id', publish: 'POST /sse/:id', docs: '/docs' },
  });
  t.strictSame(response.json().streams, ['stock', 'metrics', 'notifications']);
});

t.test('GET / gives HTML to whoever names text/html first, and says that it depends on Accept', async (t) => {
  const { app } = await build(t);
  const typeFor = async (accept?: string) => {
    const { headers } = await app.inject({ url: '/', headers: accept === undefined ? {} : { accept } });
    t.match(headers.vary, /\bOrigin\b.*\bAccept\b/);
    return String(headers['content-type']).split(';')[0];
  };
  const html = ['text/html', 'text/html,application/xhtml+xml,*/*;q=0.8', ' TEXT/HTML;q=1'];
  for (const accept of html) {
    t.equal(await typeFor(accept), 'text/html', accept);
  }
  const json = [
    undefined,
    '',
    '*/*',
    'application/json',
    'application/json, text/html',
    'text/htmlx',
    'text/html-x',
    'text/plain',
  ];
  for (const accept of json) {
    t.equal(await typeFor(accept), 'application/json', accept ?? 'no Accept');
  }
});

t.test('under a prefix the endpoints carry it', async (t) => {
  const { app } = await build(t, { prefix: '/live' });
  const { endpoints } = (await app.inject('/live')).json();
  t.match(endpoints, { events: '/live/events', publish: 'POST /live/sse/:id' });
  t.equal((await app.inject('/events')).statusCode, 404);
});

t.test('every GET endpoint that / names answers', async (t) => {
  const { app } = await build(t);
  const { endpoints } = (await app.inject('/')).json();
  for (const path of Object.values<string>(endpoints).filter((path) => path.startsWith('/'))) {
    const response = await app.inject({ method: 'HEAD', url: path.replace(':id', 'a') });
    t.equal(response.statusCode, 200, path);
  }
});
