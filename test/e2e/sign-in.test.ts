import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import type { SluiceOptions } from '../../src/app.js';
import { startServer } from '../server/process.js';
import { findProblems } from './support/axe.js';
import { skip } from './support/browser.js';
import { EVERYTHING, writeKeys } from './support/credentials.js';
import { host } from './support/host.js';
import { signIn } from './support/sign-in.js';
import { connected, visit } from './support/visit.js';

const KEYS = { all: EVERYTHING, reader: { publish: [], subscribe: ['orders.*', 'stock'] } };

/** A hub with a few keys. */
async function hostWithKeys(t: Test, options: SluiceOptions = {}) {
  const path = join(t.testdir(), 'keys.json');
  const keys = await writeKeys(path, KEYS);
  const { url } = await host(t, { demo: true, auth: 'on', authKeysFile: path, ...options });
  return { url, keys };
}

t.test(
  'a wrong key is told, a right one opens the page; a reload keeps it, signing out ends it',
  { skip },
  async (t) => {
    const directory = t.testdir();
    const path = join(directory, 'keys.json');
    const keys = await writeKeys(path, KEYS);
    const { url } = await startServer(t, { DEMO: 'true', LOG: 'memory', AUTH_KEYS_FILE: path }, directory);
    const { page } = await visit(t, url);
    const field = page.getByLabel('API key or token');
    await field.waitFor();
    t.equal(await page.locator('.card').count(), 1, 'nothing but the sign-in');
    t.equal(await field.getAttribute('type'), 'password');

    await signIn(page, keys.all.replace(/.$/, '?'));
    await page.getByText('The server does not accept this.').waitFor();
    t.equal(await field.getAttribute('aria-invalid'), 'true');
    t.ok(await field.evaluate('this.document.activeElement.name === "credential"'), 'typing can go on');

    await signIn(page, ` ${keys.all}\n`);
    await connected(page);
    await page.locator('.price').waitFor();
    await page.reload();
    await connected(page);
    t.strictSame(await secretsIn(page), ['', 0, 0], 'no script can read it, and nothing is stored');
    const [session, ...others] = await page.context().cookies();
    t.match(session, { name: 'sluice', httpOnly: true, sameSite: 'Strict', value: keys.all });
    t.strictSame(others, []);

    await page.locator('summary', { hasText: 'key:all' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await field.waitFor();
    t.strictSame(await page.context().cookies(), []);
    t.equal(await page.locator('.card').count(), 1, 'nothing that was seen stays');
    t.ok(await field.evaluate('this.document.activeElement.name === "credential"'), 'the next can type at once');
  },
);

t.test('it says who is signed in and what that allows; what it does not is not there', { skip }, async (t) => {
  const { url, keys } = await hostWithKeys(t);
  const { page, errors } = await visit(t, url);
  await signIn(page, keys.reader);
  await page.locator('.price').waitFor();
  await page.getByText('Your access does not include notifications.').waitFor();
  t.equal(await page.getByRole('button', { name: 'Notify' }).count(), 0);
  await page.locator('summary', { hasText: 'key:reader' }).click();
  t.match(await page.locator('.account dl').textContent(), /May watchstock, orders\.\*May publish tonothing/);
  await page.keyboard.press('Escape');
  await page.locator('.account:not([open])').waitFor();

  await page.goto(`${url}/#/streams/orders.eu`);
  await connected(page);
  t.equal(await page.getByRole('button', { name: 'Publish' }).count(), 0);
  t.match(await page.locator('.command code').textContent(), 'curl -H "authorization: Bearer $KEY" -N http');
  await page.goto(`${url}/#/resume`);
  await page.getByText('which your access does not include').waitFor();
  t.same(errors, [], 'nothing was asked for that is not allowed');
  await page.goto(`${url}/#/streams/private`);
  await page.getByText('The server does not allow this (403)').waitFor();
});

t.test('all tabs sign in and out together', { skip }, async (t) => {
  const { url, keys } = await hostWithKeys(t);
  const { page } = await visit(t, url);
  const other = await page.context().newPage();
  await other.goto(`${url}/#/streams/orders.eu`);
  await other.getByLabel('API key or token').waitFor();
  await signIn(page, keys.all);
  await connected(other);
  await page.locator('summary').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await other.getByLabel('API key or token').waitFor();
  t.equal(await other.locator('.card').count(), 1);
});

t.test('whoever may only publish is not asked to watch', { skip }, async (t) => {
  const path = join(t.testdir(), 'keys.json');
  const { robot } = await writeKeys(path, { robot: { publish: ['orders'], subscribe: [] } });
  const { url } = await host(t, { auth: 'on', authKeysFile: path });
  const { page, errors } = await visit(t, url);
  await signIn(page, robot);
  await page.getByText('Your access does not include stock.').waitFor();
  t.same(errors, []);
  await page.goto(`${url}/#/streams/orders`);
  await page.getByRole('button', { name: 'Publish' }).click();
  await page.getByText('Published to orders, 0 watchers.').waitFor();
  t.equal(await page.getByText('Known streams').count(), 0);
});

t.test('a key that allows nothing is told so', { skip }, async (t) => {
  const path = join(t.testdir(), 'keys.json');
  const { idle } = await writeKeys(path, { idle: { publish: [], subscribe: [] } });
  const { url } = await host(t, { auth: 'on', authKeysFile: path });
  const { page } = await visit(t, url);
  await signIn(page, idle);
  await page.getByText('What you have signed in with allows nothing here.').waitFor();
  await page.locator('summary', { hasText: 'key:idle' }).waitFor();
});

t.test('public streams are shown without a sign-in, which is one button away', { skip }, async (t) => {
  const { url, keys } = await hostWithKeys(t, { authAnonymousSubscribe: 'stock,public.*' });
  const { page, errors } = await visit(t, url);
  await page.locator('.price').waitFor();
  await page.getByText('Sign in to see notifications.').waitFor();
  t.equal(await page.getByLabel('API key or token').count(), 0);
  t.same(errors, []);
  await page.goto(`${url}/#/streams/private`);
  await page.getByText('Sign in to watch it.').waitFor();
  await page.locator('.status').getByRole('button', { name: 'Sign in' }).click();
  await signIn(page, keys.all);
  await connected(page);
});

t.test('too many attempts: it says when to try again', { skip }, async (t) => {
  const path = join(t.testdir(), 'keys.json');
  await writeKeys(path, { all: EVERYTHING });
  const { url } = await host(t, { auth: 'on', authKeysFile: path }, (app) => {
    app.addHook('onRequest', async ({ method }, reply) => {
      if (method === 'POST') {
        await reply.code(429).header('retry-after', '12').send({ statusCode: 429, error: '', message: 'slow down' });
      }
    });
  });
  const { page } = await visit(t, url);
  await signIn(page, 'sk_x');
  await page.getByText('Too many attempts. Try again in 12 s.').waitFor();
});

t.test('what no key has is told without asking the server', { skip }, async (t) => {
  const { url } = await hostWithKeys(t);
  const { page, errors } = await visit(t, url);
  await signIn(page, 'sk_with a space');
  await page.getByText('It has characters that no key or token has: copy it again.').waitFor();
  t.same(errors, []);
});

for (const colorScheme of ['light', 'dark'] as const) {
  t.test(`axe finds nothing serious or critical around signing in, in ${colorScheme} mode`, { skip }, async (t) => {
    const { url, keys } = await hostWithKeys(t, { authAnonymousSubscribe: 'public.*' });
    const { page } = await visit(t, url, { colorScheme });
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('input[name="credential"]:focus').waitFor();
    await signIn(page, 'sk_wrong');
    await page.getByText('The server does not accept this.').waitFor();
    t.same(await findProblems(page), []);
    await signIn(page, keys.reader);
    await page.locator('main:focus').waitFor();
    await page.keyboard.press('Shift+Tab');
    await page.locator('summary:focus').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('May watch').waitFor();
    t.same(await findProblems(page), []);
  });
}

t.test('the way in fits a phone', { skip }, async (t) => {
  const { url, keys } = await hostWithKeys(t);
  const { page } = await visit(t, url, { viewport: { width: 360, height: 740 }, hasTouch: true });
  await page.getByLabel('API key or token').waitFor();
  t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360);
  await signIn(page, keys.all);
  await page.locator('summary', { hasText: 'key:all' }).click();
  await page.getByText('May watch').waitFor();
  t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360);
  const box = await page.locator('.account .card').boundingBox();
  t.ok(box !== null && box.x >= 0 && box.x + box.width <= 360);
});

/** What a script of the page could read of a credential: cookies, and entries in the two storages. */
function secretsIn(page: Page): Promise<unknown> {
  return page.evaluate('[document.cookie, localStorage.length, sessionStorage.length]');
}
