import type { Page } from 'playwright-core';
import t from 'tap';
import { skip } from './support/browser.js';
import { host } from './support/host.js';
import { connected, visit } from './support/visit.js';

t.test('the focus stays where something was done, or goes to the content', { skip }, async (t) => {
  const { url } = await host(t);
  const { page } = await visit(t, `${url}/#/streams/orders`);
  await connected(page);
  t.equal(await press(page, 'Disconnect'), 'Disconnect');
  await page.getByText('Not connected').waitFor();
  t.equal(await press(page, 'Connect'), 'Connect');
  await connected(page);
  t.equal(await focused(page), 'Connect');

  await page.goto(`${url}/#/resume`);
  await connected(page);
  t.equal(await press(page, 'Cut the connection'), 'Cut the connection');
  await page.getByText('Away: nothing reaches it.').waitFor();
  t.equal(await press(page, 'Cut the connection'), 'Cut the connection');
  t.equal(await page.getByText('Connection cut').count(), 1, 'what has nothing to do does nothing');
  t.equal(await press(page, 'Bring it back'), 'Bring it back');
  await connected(page);
  t.equal(await focused(page), 'Bring it back');

  await page.goto(`${url}/#/side-by-side`);
  await connected(page);
  t.equal(await press(page, 'Add pane'), 'Add pane');
  await page.getByText('Four at most').waitFor();
  t.equal(await press(page, 'Add pane'), 'Add pane');
  t.equal(await page.locator('.pane').count(), 4, 'and adds no fifth');
  t.equal(await press(page, 'Remove pane 1'), 'MAIN');
});

t.test('who does not sign in now goes on in the content', { skip }, async (t) => {
  const { url } = await host(t, { auth: 'on', authJwtSecret: 'x'.repeat(32), authAnonymousSubscribe: 'orders' });
  const { page } = await visit(t, `${url}/#/streams/orders`);
  await connected(page);
  await press(page, 'Sign in');
  t.equal(await press(page, 'Not now'), 'MAIN');
});

async function press(page: Page, name: string): Promise<string> {
  await page.getByRole('button', { name, exact: true }).focus();
  await page.keyboard.press('Enter');
  return focused(page);
}

/** The words of the button that has the focus, else the element; a frame later, as it falls when it is drawn. */
function focused(page: Page): Promise<string> {
  return page.evaluate(`new Promise((resolve) => setTimeout(() => {
    const { activeElement: element } = document;
    resolve(element.tagName === 'BUTTON' ? element.textContent : element.tagName);
  }, 100))`);
}
