import type { FastifyInstance } from 'fastify';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { createTestClock, START } from '../support/clock.js';
import { skip } from './support/browser.js';
import { JWT_SECRET, signToken } from './support/credentials.js';
import { host } from './support/host.js';
import { signIn } from './support/sign-in.js';
import { connected, visit } from './support/visit.js';

const MINUTE_MS = 60_000;

t.test('a tab that nobody looks at for a minute lets go of its connection, and loses nothing', { skip }, async (t) => {
  const { app, url } = await host(t);
  const { page } = await visit(t, 'about:blank');
  await page.clock.install();
  await page.goto(`${url}/#/streams/orders`);
  await connected(page);

  await hide(page, true);
  await page.clock.fastForward(50_000);
  await connected(page);
  t.equal(app.streams.size, 1, 'a look elsewhere changes nothing');
  await hide(page, false);
  await page.clock.fastForward(50_000);
  await connected(page);
  t.equal(app.streams.size, 1, 'and does not add up');

  await letGo(page, app);
  await app.bus.publish({ stream: 'orders', data: 'while nobody looked' });
  await hide(page, false);
  await page.locator('.status[data-status="open"][data-resume="exact"]').waitFor();
  await page.locator('.event', { hasText: 'while nobody looked' }).waitFor();
});

/** A page that watches `shop.*` with a token of one minute, where some of that is public. */
async function visitForAMinute(t: Test) {
  const clock = createTestClock();
  const settings = { auth: 'on', authJwtSecret: JWT_SECRET, authAnonymousSubscribe: 'shop.public.*', clock } as const;
  const { app, url } = await host(t, settings);
  const { page } = await visit(t, 'about:blank');
  await page.clock.install();
  await page.goto(`${url}/#/streams/shop.*`);
  await page.getByRole('button', { name: 'Sign in' }).first().click();
  await signIn(page, await signToken(START + MINUTE_MS));
  await page.locator('summary', { hasText: 'jwt::ada' }).waitFor();
  await connected(page);
  const end = () => clock.advance(MINUTE_MS + 1000);
  const returnAndSignIn = async () => {
    await app.bus.publish({ stream: 'shop.private', data: 'private' });
    await app.bus.publish({ stream: 'shop.public.a', data: 'public' });
    await hide(page, false);
    await page.getByText('Your access has ended.').waitFor();
    await page.locator('.status[data-status="held"]').waitFor();
    t.equal(app.streams.size, 0, 'nobody watches without the access');
    await signIn(page, await signToken(clock.now() + MINUTE_MS));
    await page.locator('.event', { hasText: 'shop.public.a' }).waitFor();
    t.same(await page.locator('.event pre').allTextContents(), ['public', 'private']);
  };
  return { app, page, end, returnAndSignIn };
}

t.test('a tab whose access ends while nobody looks asks before it watches what is public', { skip }, async (t) => {
  const { app, page, end, returnAndSignIn } = await visitForAMinute(t);
  await letGo(page, app);
  await end();
  await returnAndSignIn();
});

t.test('and one whose access has ended before goes on waiting for it', { skip }, async (t) => {
  const { app, page, end, returnAndSignIn } = await visitForAMinute(t);
  await end();
  await page.locator('.status[data-status="held"]').waitFor();
  await letGo(page, app);
  await returnAndSignIn();
});

async function letGo(page: Page, app: FastifyInstance): Promise<void> {
  await hide(page, true);
  await page.clock.fastForward(61_000);
  await page.getByText('Not connected').waitFor();
  while (app.streams.size > 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** As a browser tells of it that shows another tab. */
async function hide(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  `);
}
