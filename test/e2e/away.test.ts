import type { Page } from 'playwright-core';
import t from 'tap';
import { skip } from './support/browser.js';
import { host } from './support/host.js';
import { connected, visit } from './support/visit.js';

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

  await hide(page, true);
  await page.clock.fastForward(61_000);
  await page.getByText('Not connected').waitFor();
  while (app.streams.size > 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await app.bus.publish({ stream: 'orders', data: 'while nobody looked' });
  await hide(page, false);
  await page.locator('.status[data-status="open"][data-resume="exact"]').waitFor();
  await page.locator('.event', { hasText: 'while nobody looked' }).waitFor();
});

/** As a browser tells of it that shows another tab. */
async function hide(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  `);
}
