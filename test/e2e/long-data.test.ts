import t from 'tap';
import { skip } from './support/browser.js';
import { host } from './support/host.js';
import { connected, visit } from './support/visit.js';

t.test('of long data the beginning is laid out, and all of it can be read', { skip }, async (t) => {
  const { app, url } = await host(t);
  const { page } = await visit(t, `${url}/#/streams/orders`);
  await connected(page);
  await app.bus.publish({ stream: 'orders', data: 'x'.repeat(20_000) });
  const data = page.locator('.event pre');
  await data.waitFor();
  t.equal((await data.textContent())?.length, 4096);
  await page.getByRole('button', { name: 'Show all (20 KiB)' }).click();
  t.equal((await data.textContent())?.length, 20_000);
  await data.focus();
  await page.keyboard.press('End');
  // The scrolling is smooth, and the page's policy lets nothing be evaluated in it again and again.
  while ((await data.evaluate((element) => (element as unknown as { scrollTop: number }).scrollTop)) < 1000) {
    await page.waitForTimeout(50);
  }
  await page.getByRole('button', { name: 'Show the beginning only' }).click();
  t.equal((await data.textContent())?.length, 4096);
});
