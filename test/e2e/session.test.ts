import { join } from 'node:path';
import t from 'tap';
import { skip } from './support/browser.js';
import { EVERYTHING, writeKeys } from './support/credentials.js';
import { host } from './support/host.js';
import { signIn } from './support/sign-in.js';
import { connected, visit } from './support/visit.js';

const SIGN_IN = `(key) => fetch('session', { method: 'POST', headers: { authorization: 'Bearer ' + key } })
  .then(() => new BroadcastChannel('sluice-session').postMessage('in'))`;

t.test('who signs in after somebody else does not see what that one saw', { skip }, async (t) => {
  const path = join(t.testdir(), 'keys.json');
  const { ada, bob } = await writeKeys(path, { ada: EVERYTHING, bob: EVERYTHING });
  const { app, url } = await host(t, { auth: 'on', authKeysFile: path });
  const { page } = await visit(t, `${url}/#/streams/orders`);
  await signIn(page, ada);
  await connected(page);
  await app.bus.publish({ stream: 'orders', data: 'secret' });
  await page.locator('.event', { hasText: 'secret' }).waitFor();
  const other = await page.context().newPage();
  await other.goto(url);
  await other.evaluate(`(${SIGN_IN})('${bob}')`);
  await page.locator('summary', { hasText: 'key:bob' }).waitFor();
  await connected(page);
  t.equal(await page.locator('.event').count(), 0);
});

t.test('while the server does not say who is signed in, the page says that it connects', { skip }, async (t) => {
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const { url } = await host(t, {}, (app) => {
    app.addHook('onRequest', async (request) => {
      if (request.url === '/session') {
        await held;
      }
    });
  });
  const { page } = await visit(t, url);
  await page.getByText('Connecting…').waitFor({ timeout: 8000 });
  answer();
  await connected(page);
});
