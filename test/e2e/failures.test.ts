import t from 'tap';
import { startServer } from '../server/process.js';
import { skip } from './support/browser.js';
import { host } from './support/host.js';
import { connected, visit } from './support/visit.js';

const SETTINGS = { DEMO: 'false', LOG: 'memory' };

t.test('a stream that needs a sign-in says so and is not tried again', { skip }, async (t) => {
  let asked = 0;
  const { url } = await host(t, {}, (app) => {
    app.addHook('onRequest', async (request, reply) => {
      if (request.url.startsWith('/events')) {
        asked++;
        await reply.code(401).send({ statusCode: 401, error: 'Unauthorized', message: 'a token is needed' });
      }
    });
  });
  const { page } = await visit(t, url);
  await page.getByText('The server asks who you are (401)').waitFor();
  await page.getByText('Sign in, then reload this page.').waitFor();
  await page.locator('.status[data-status="closed"]').waitFor();
  t.equal(asked, 1);
});

t.test('too many requests: says so, when it tries again, and comes back', { skip }, async (t) => {
  let isBusy = true;
  const { url } = await host(t, { retryMs: 100 }, (app) => {
    app.addHook('onRequest', async (request, reply) => {
      if (isBusy && /^\/(events|notify)/.test(request.url)) {
        const body = { statusCode: 429, error: 'Too Many Requests', message: 'slow down' };
        await reply.code(429).header('retry-after', '1').send(body);
      }
    });
  });
  const { page } = await visit(t, url);
  await page.getByText('Too many requests (429)').waitFor();
  await page.getByText(/Trying again in \d+ s\./).waitFor();
  await page.getByLabel('Message').fill('hello');
  await page.getByRole('button', { name: 'Notify' }).click();
  await page.getByText('Too many requests (429). Slow down. Try again in 1 s.').waitFor();
  t.equal(await page.getByLabel('Message').inputValue(), 'hello', 'what was typed is kept');
  isBusy = false;
  await connected(page);
});

t.test('refused for now: says why, and comes in when there is room', { skip }, async (t) => {
  const { url } = await host(t, { maxConnections: 1, retryMs: 100 });
  const stop = new AbortController();
  t.teardown(() => stop.abort());
  await fetch(`${url}/sse/other`, { signal: stop.signal });
  const { page } = await visit(t, `${url}/#/streams/orders`);
  await page.getByText('The server refuses the stream for now').waitFor();
  await page.getByText('Too many connections').waitFor();
  stop.abort();
  await connected(page);
});

t.test('publishing while the server is gone says so and keeps what was typed', { skip }, async (t) => {
  const server = await startServer(t, SETTINGS);
  const { page } = await visit(t, `${server.url}/#/streams/orders`);
  await connected(page);
  server.child.kill('SIGKILL');
  await server.exit;
  await page.getByLabel('Data').fill('42');
  await page.getByRole('button', { name: 'Publish' }).click();
  await page.getByText('The server does not answer. Try again when it is back.').waitFor();
  t.equal(await page.getByLabel('Data').inputValue(), '42');
});

t.test('what the server does not accept is explained in its own words', { skip }, async (t) => {
  const { url } = await startServer(t, SETTINGS);
  const { page } = await visit(t, `${url}/#/streams/orders`);
  await page.getByLabel('Type').fill('heartbeat');
  await page.getByRole('button', { name: 'Publish' }).click();
  await page
    .locator('.outcome[data-tone="bad"]')
    .getByText(/Not accepted \(400\)\. .*heartbeat/)
    .waitFor();
  await page.goto(`${url}/#/streams/${encodeURIComponent('not a name')}`);
  await page.getByText('It will not try again: change the request first.').waitFor();
  t.equal(await page.locator('.status').getAttribute('data-status'), 'closed');
});
