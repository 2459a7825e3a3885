import type { Page } from 'playwright-core';
import t from 'tap';
import { startServer } from '../server/process.js';
import { findProblems } from './support/axe.js';
import { skip } from './support/browser.js';
import { host } from './support/host.js';
import { send } from './support/send.js';
import { connected, visit } from './support/visit.js';

const OPTIONS = { demo: true, numbersIntervalMs: 100, notificationsIntervalMs: 100 };
const PATHS = ['#/live', '#/streams', '#/streams/room1', 'test-multi-client.html', '#/resume'];
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true };

for (const colorScheme of ['light', 'dark'] as const) {
  t.test(`axe finds nothing serious or critical in ${colorScheme} mode`, { skip }, async (t) => {
    const { url } = await host(t, OPTIONS);
    await send('PUT', `${url}/tasks/import`, { moved: 1, total: 3, status: 'failed', message: 'no' });
    const { page } = await visit(t, url, { colorScheme });
    for (const path of PATHS) {
      await show(page, `${url}/${path}`);
      t.same(await findProblems(page), [], path);
    }
  });
}

t.test('axe finds nothing serious or critical while the server is gone', { skip }, async (t) => {
  const server = await startServer(t, { DEMO: 'true', LOG: 'memory', NUMBERS_INTERVAL_MS: '100' });
  const { page } = await visit(t, `${server.url}/#/streams/room1`);
  await connected(page);
  server.child.kill('SIGKILL');
  await page.locator('.status').getByText('The server does not answer').waitFor();
  t.same(await findProblems(page), []);
});

t.test('on a phone nothing is wider than the screen', { skip }, async (t) => {
  const { url } = await host(t, OPTIONS);
  await send('POST', `${url}/sse/${'long-name'.repeat(14)}`, { text: 'x'.repeat(300) });
  const { page } = await visit(t, url, PHONE);
  for (const path of [...PATHS, `#/streams/${'long-name'.repeat(14)}`]) {
    await show(page, `${url}/${path}`);
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), PHONE.viewport.width, path);
  }
});

t.test('what is published without a place to break is not wider than the screen either', { skip }, async (t) => {
  const { url } = await host(t);
  const word = 'W'.repeat(300);
  await send('PUT', `${url}/tasks/${'long-name'.repeat(13)}`, { moved: 1, total: 3, status: 'failed', message: word });
  const { page } = await visit(t, url, PHONE);
  await connected(page);
  await send('POST', `${url}/notify`, { title: word.slice(0, 256), message: word });
  await page.locator('.feed li').waitFor();
  const widest = '[document.documentElement, ...document.querySelectorAll(".card, .feed")].map((e) => e.scrollWidth)';
  t.ok(Math.max(...(await page.evaluate<number[]>(widest))) <= PHONE.viewport.width);

  await page.goto(`${url}/#/streams/${'long-name'.repeat(14)}`);
  await page.getByLabel('Type').fill('W'.repeat(128));
  await page.getByRole('button', { name: 'Publish' }).click();
  await page.getByText(/^Published to /).waitFor();
  await page.locator('.event').waitFor();
  t.ok(Math.max(...(await page.evaluate<number[]>(widest))) <= PHONE.viewport.width);
});

t.test('colours follow the system, also while the page is open', { skip }, async (t) => {
  const { url } = await host(t, OPTIONS);
  const { page } = await visit(t, url, { colorScheme: 'light' });
  await page.locator('.chart canvas').waitFor();
  t.ok((await brightness(page)) > 200);
  await page.emulateMedia({ colorScheme: 'dark' });
  t.ok((await brightness(page)) < 50);
  await page.locator('.chart canvas').waitFor();
});

t.test('on paper a list is there in full', { skip }, async (t) => {
  const { app, url } = await host(t);
  const { page } = await visit(t, `${url}/#/streams/orders`);
  await connected(page);
  for (let number = 0; number < 30; number++) {
    await app.bus.publish({ stream: 'orders', data: { number, lines: Array.from({ length: 20 }, () => 'line') } });
  }
  await page.getByText('30 events, 30 shown').waitFor();
  const isCut = () =>
    page.evaluate(`[...document.querySelectorAll('.scroll, pre')].some((one) => one.scrollHeight > one.clientHeight)`);
  t.equal(await isCut(), true);
  await page.emulateMedia({ media: 'print' });
  t.equal(await isCut(), false);
});

t.test('every control is reached by keyboard, and a change of view moves the focus to it', { skip }, async (t) => {
  const { url } = await host(t, OPTIONS);
  const { page } = await visit(t, url);
  await connected(page);
  await page.keyboard.press('Tab');
  await page.locator('button:focus', { hasText: 'Skip to content' }).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.locator('a:focus', { hasText: 'Streams' }).waitFor();
  await page.keyboard.press('Enter');
  await page.locator('main[aria-label="Streams"]:focus').waitFor();
  await page.keyboard.press('Tab');
  await page.locator('input:focus').waitFor();
  await page.keyboard.type('room1');
  await page.keyboard.press('Enter');
  await page.locator('.event').first().waitFor();
  t.equal(await page.title(), 'Streams · Sluice');
});

async function show(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.reload();
  await page.locator('.card').first().waitFor();
  if ((await page.locator('.status').count()) > 0) {
    await connected(page);
  }
}

/** Of the page's background, 0 to 255. */
async function brightness(page: Page): Promise<number> {
  const color: string = await page.evaluate('getComputedStyle(document.body).backgroundColor');
  const [red = 0, green = 0, blue = 0] = (color.match(/\d+/g) ?? []).map(Number);
  return (red + green + blue) / 3;
}
