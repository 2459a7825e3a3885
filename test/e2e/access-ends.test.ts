import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createTestClock, START } from '../support/clock.js';
import { findProblems } from './support/axe.js';
import { skip } from './support/browser.js';
import { EVERYTHING, JWT_SECRET, signToken, writeKeys } from './support/credentials.js';
import { host } from './support/host.js';
import { signIn } from './support/sign-in.js';
import { connected, visit } from './support/visit.js';

const MINUTE_MS = 60_000;

/** A page that watches with a token of one minute, and a clock of the server to let it pass. */
async function visitForAMinute(t: Test, selection: string, authAnonymousSubscribe = '') {
  const clock = createTestClock();
  const settings = { auth: 'on', authJwtSecret: JWT_SECRET, authAnonymousSubscribe, clock } as const;
  const { app, url } = await host(t, settings);
  const { page } = await visit(t, `${url}/#/streams/${encodeURIComponent(selection)}`);
  if (authAnonymousSubscribe !== '') {
    await page.getByRole('button', { name: 'Sign in' }).first().click();
  }
  await signIn(page, await signToken(START + MINUTE_MS));
  await page.locator('summary', { hasText: 'jwt::ada' }).waitFor();
  await connected(page);
  const publish = (stream: string, data: string) => app.bus.publish({ stream, data });
  const texts = () => page.locator('.event pre').allTextContents();
  return { clock, page, publish, texts };
}

t.test('access that ends is told before, and a new sign-in goes on exactly where it was', { skip }, async (t) => {
  const { clock, page, publish, texts } = await visitForAMinute(t, 'orders');
  await publish('orders', 'before');
  await page.locator('.event', { hasText: 'before' }).waitFor();

  await clock.advance(MINUTE_MS / 2);
  await page.getByText(/^Your access ends at \d\d:\d\d:\d\d\. Sign in again/).waitFor();
  await page.locator('.status[data-status="open"]').waitFor();
  t.same(await findProblems(page), []);

  await clock.advance(MINUTE_MS / 2 + 1000);
  await page.getByText('Your access has ended. Sign in again').waitFor();
  await page.locator('.status[data-status="held"]').waitFor();
  await publish('orders', 'while away');
  t.same(await texts(), ['before'], 'what is on screen stays, and nothing comes');

  await signIn(page, await signToken(clock.now() + MINUTE_MS));
  await page.locator('.status[data-status="open"][data-resume="exact"]').waitFor();
  await page.locator('.event', { hasText: 'while away' }).waitFor();
  t.same(await texts(), ['while away', 'before']);
  t.equal(await page.getByLabel('API key or token').count(), 0);
});

t.test('a sign-in before the end goes on exactly, without an interruption by it', { skip }, async (t) => {
  const { clock, page, publish, texts } = await visitForAMinute(t, 'orders');
  await publish('orders', 'one');
  await page.locator('.event', { hasText: 'one' }).waitFor();
  await clock.advance(MINUTE_MS / 2);
  await signIn(page, await signToken(clock.now() + 10 * MINUTE_MS));
  await page.locator('.status[data-status="open"][data-resume="exact"]').waitFor();
  await clock.advance(MINUTE_MS);
  await publish('orders', 'two');
  await page.locator('.event', { hasText: 'two' }).waitFor();
  t.same(await texts(), ['two', 'one']);
  t.equal(await page.getByLabel('API key or token').count(), 0);
});

t.test(
  'where some streams are public, a page whose access has ended misses nothing of the others',
  { skip },
  async (t) => {
    const { clock, page, publish, texts } = await visitForAMinute(t, 'shop.*', 'shop.public.*');
    await clock.advance(MINUTE_MS + 1000);
    await page.getByText('Your access has ended.').waitFor();
    await publish('shop.private', 'private');
    await publish('shop.public.a', 'public');
    await signIn(page, await signToken(clock.now() + MINUTE_MS));
    await page.locator('.event', { hasText: 'shop.public.a' }).waitFor();
    t.same(await texts(), ['public', 'private']);
  },
);

t.test('or goes on with what is public, when asked to', { skip }, async (t) => {
  const { clock, page, publish, texts } = await visitForAMinute(t, 'shop.*', 'shop.public.*');
  await clock.advance(MINUTE_MS + 1000);
  await page.getByRole('button', { name: 'Go on with what is public' }).click();
  await connected(page);
  await publish('shop.private', 'private');
  await publish('shop.public.a', 'public');
  await page.locator('.event', { hasText: 'shop.public.a' }).waitFor();
  t.same(await texts(), ['public']);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
});

t.test('a key that is taken away ends what it opened, and another key begins anew', { skip }, async (t) => {
  const { app, page, path, keys } = await visitWithKeys(t);
  await changeKeys(path, (entries) => entries.filter(({ name }) => name !== 'first'));
  await page.getByText('Your access has ended.').waitFor();
  t.same(await page.context().cookies(), [], 'the cookie that does not hold is cleared');
  await app.bus.publish({ stream: 'orders', data: 'while away' });
  await signIn(page, keys.first);
  await page.getByText('The server does not accept this.').waitFor();
  await signIn(page, keys.second);
  await page.locator('.status[data-status="open"][data-resume="fresh"]').waitFor();
  t.equal(await page.locator('.event').count(), 0, 'what the first one saw is not for the second');
});

t.test('a key that allows less from now on: the page goes on with what it allows', { skip }, async (t) => {
  const { app, page, path } = await visitWithKeys(t);
  const publish = page.getByRole('button', { name: 'Publish' });
  await publish.waitFor();
  await changeKeys(path, (entries) => entries.map((entry) => ({ ...entry, publish: [] })));
  await publish.waitFor({ state: 'hidden' });
  await connected(page);
  await app.bus.publish({ stream: 'orders', data: 'after' });
  await page.locator('.event', { hasText: 'after' }).waitFor();
  t.equal(await page.getByLabel('API key or token').count(), 0);
});

/** A page that watches with the first of two keys. */
async function visitWithKeys(t: Test) {
  const path = join(t.testdir(), 'keys.json');
  const keys = await writeKeys(path, { first: EVERYTHING, second: EVERYTHING });
  const { app, url } = await host(t, { auth: 'on', authKeysFile: path });
  const { page } = await visit(t, `${url}/#/streams/orders`);
  await signIn(page, keys.first);
  await connected(page);
  return { app, page, path, keys };
}

type Entry = Readonly<Record<string, unknown>>;

async function changeKeys(path: string, change: (entries: readonly Entry[]) => readonly Entry[]): Promise<void> {
  await writeFile(path, JSON.stringify(change(JSON.parse(await readFile(path, 'utf8')))));
}
