import t from 'tap';
import { skip } from './support/browser.js';
import { host } from './support/host.js';
import { visit } from './support/visit.js';

t.test('the page of the API works within its Content-Security-Policy', { skip }, async (t) => {
  const { url } = await host(t);
  const { page, errors } = await visit(t, `${url}/docs`);
  await page.getByText('Watch one stream').first().click();
  await page.getByRole('button', { name: 'Try it out' }).waitFor();
  t.same(errors, []);
});
