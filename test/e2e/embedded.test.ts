import t from 'tap';
import { skip } from './support/browser.js';
import { host } from './support/host.js';
import { connected, visit } from './support/visit.js';

t.test(
  'under a prefix, asked for with or without a slash at its end, every part finds the hub',
  { skip },
  async (t) => {
    const { app, url } = await host(t, { prefix: '/inner/hub', demo: true });
    for (const path of ['/inner/hub', '/inner/hub/']) {
      const { page, errors } = await visit(t, `${url}${path}`);
      await connected(page);
      t.equal(page.url(), `${url}/inner/hub/`);
      await page.getByLabel('Message').fill('from inside');
      await page.getByRole('button', { name: 'Notify' }).click();
      await page.locator('.feed li', { hasText: 'from inside' }).waitFor();
      await page.goto(`${page.url()}#/streams/orders`);
      await connected(page);
      await page.getByText(`curl -N ${url}/inner/hub/sse/orders`).waitFor();
      await app.bus.publish({ stream: 'orders', data: 'from the host' });
      await page.locator('.event', { hasText: 'from the host' }).waitFor();
      await page.getByRole('link', { name: 'orders' }).waitFor();
      await page.getByRole('link', { name: 'API' }).click();
      await page.getByText('/inner/hub/sse/{id}').first().waitFor();
      t.equal(page.url(), `${url}/inner/hub/docs/`);
      await page.goto(`${url}/inner/hub/docs`);
      await page.getByText('/inner/hub/sse/{id}').first().waitFor();
      t.same(errors, []);
    }
  },
);
