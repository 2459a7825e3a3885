import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startServer } from '../server/process.js';
import { skip } from './support/browser.js';
import { EVERYTHING, writeKeys } from './support/credentials.js';
import { host } from './support/host.js';
import { signIn } from './support/sign-in.js';
import { connected, visit } from './support/visit.js';

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
  const server = await startServer(t, { DEMO: 'false', LOG: 'memory' });
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
  const { url } = await host(t);
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

/** A hub with one key, which can stop telling who is signed in. */
async function forgetfulHub(t: Test) {
  const path = join(t.testdir(), 'keys.json');
  const { all } = await writeKeys(path, { all: EVERYTHING });
  let isFailing = false;
  const { app, url } = await host(t, { auth: 'on', authKeysFile: path }, (app) => {
    app.addHook('onRequest', async ({ method, url }, reply) => {
      if (isFailing && method === 'GET' && url === '/session') {
        await reply.code(500).send({ statusCode: 500, error: '', message: 'out of order' });
      }
    });
  });
  const fail = () => {
    isFailing = true;
  };
  return { app, url: `${url}/#/streams/orders`, all, fail };
}

t.test('signing out counts in all tabs, also when the server fails right after it', { skip }, async (t) => {
  const { app, url, all, fail } = await forgetfulHub(t);
  const { page } = await visit(t, url);
  await signIn(page, all);
  const other = await page.context().newPage();
  const uncaught: Error[] = [];
  other.on('pageerror', (error) => uncaught.push(error));
  await other.goto(url);
  const tabs = [page, other];
  await Promise.all(tabs.map(connected));
  await app.bus.publish({ stream: 'orders', data: 'secret' });
  await Promise.all(tabs.map((tab) => tab.locator('.event', { hasText: 'secret' }).waitFor()));

  fail();
  await page.locator('summary', { hasText: 'key:all' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  for (const tab of tabs) {
    await tab.getByLabel('API key or token').waitFor();
    t.equal(await tab.locator('.card').count(), 1, 'nothing that was seen stays');
  }
  t.strictSame(uncaught, []);
});

t.test('signing in counts, too; a tab that has done nothing goes on', { skip }, async (t) => {
  const { app, url, all, fail } = await forgetfulHub(t);
  const { page } = await visit(t, url);
  await page.getByLabel('API key or token').waitFor();
  fail();
  await signIn(page, all);
  await connected(page);
  const other = await page.context().newPage();
  await other.goto(url);
  await other.evaluate(() => new BroadcastChannel('sluice-session').postMessage('in'));
  await connected(page);
  await app.bus.publish({ stream: 'orders', data: 'later' });
  await page.locator('.event', { hasText: 'later' }).waitFor();
});

t.test('while the server is slow to list its streams, the page does not ask again', { skip }, async (t) => {
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const { url } = await host(t, {}, (app) => {
    app.addHook('onRequest', async (request) => {
      if (request.url.startsWith('/streams')) {
        await held;
      }
    });
  });
  const { page } = await visit(t, 'about:blank');
  await page.clock.install();
  let asked = 0;
  page.on('request', (request) => {
    asked += request.url().includes('/streams?') ? 1 : 0;
  });
  await page.goto(`${url}/#/streams`);
  await page.getByText('Known streams').waitFor();
  await page.clock.runFor(10_000);
  await page.evaluate('fetch("livez")');
  t.equal(asked, 1);
  const answered = page.waitForResponse(/\/streams\?/);
  answer();
  await (await answered).finished();
  const next = page.waitForRequest(/\/streams\?/);
  await page.clock.runFor(2000);
  await next;
});
