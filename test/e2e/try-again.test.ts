import t from 'tap';
import { skip } from './support/browser.js';
import { host } from './support/host.js';
import { connected, visit } from './support/visit.js';

t.test('"Try again" comes back at once, exactly where it was', { skip }, async (t) => {
  let answer: { code: number; type: string } | undefined = { code: 404, type: 'application/json' };
  const { app, url } = await host(t, {}, (app) => {
    app.addHook('onRequest', async (request, reply) => {
      if (answer !== undefined && request.url.startsWith('/sse/')) {
        await reply.code(answer.code).type(answer.type).header('retry-after', '60').send('');
      }
    });
  });
  const { page } = await visit(t, `${url}/#/streams/orders`);
  const again = page.getByRole('button', { name: 'Try again' });
  await page.getByText('The server does not know this (404)').waitFor();
  answer = { code: 200, type: 'text/html' };
  await again.click();
  await page.getByText('is no event stream').waitFor();
  t.ok(await page.evaluate('document.activeElement.matches(".status")'), 'the focus stays there');
  answer = undefined;
  await again.click();
  await connected(page);
  t.equal(await again.count(), 0);
  await app.bus.publish({ stream: 'orders', data: 'one' });
  await page.locator('.event', { hasText: 'one' }).waitFor();

  answer = { code: 503, type: 'text/html' };
  app.server.closeAllConnections();
  await page.getByText(/^Trying again in [56]\d s\.$/).waitFor();
  await app.bus.publish({ stream: 'orders', data: 'two' });
  answer = undefined;
  await again.click();
  await page.locator('.event', { hasText: 'two' }).waitFor();
  await page.locator('.status[data-resume="exact"]').waitFor();
});
