/** Makes the pictures of the README from a running hub: `npm run screenshots`. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import Fastify from 'fastify';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import sluice from '../src/app.js';
import { openBrowser, openPage } from '../test/e2e/support/browser.js';
import { JWT_SECRET } from '../test/e2e/support/credentials.js';
import { send } from '../test/e2e/support/send.js';

const DIRECTORY = join(import.meta.dirname, '..', 'docs', 'images');
const DESKTOP = { viewport: { width: 1280, height: 500 } };
const PHONE = { viewport: { width: 390, height: 844 } };
/** Long enough for a chart and a feed to be seen. */
const SHOW_MS = 20_000;
const DARK = { colorScheme: 'dark' } as const;

const app = Fastify();
app.register(sluice, {
  demo: true,
  log: 'memory',
  stockIntervalMs: 400,
  metricsIntervalMs: 500,
  notificationsIntervalMs: 4000,
  numbersIntervalMs: 1500,
});
const url = await app.listen({ port: 0 });
const guarded = Fastify();
guarded.register(sluice, { log: 'memory', auth: 'on', authJwtSecret: JWT_SECRET });
const guardedUrl = await guarded.listen({ port: 0 });
const browser = await openBrowser();
try {
  await mkdir(DIRECTORY, { recursive: true });
  await shoot(browser, 'live', DESKTOP, showLive);
  await shoot(browser, 'live-dark', { ...DESKTOP, ...DARK }, showLive);
  await shoot(browser, 'live-phone', PHONE, showLive);
  await shoot(browser, 'streams', DESKTOP, showStreams);
  await shoot(browser, 'side-by-side', DESKTOP, showPanes);
  await shoot(browser, 'resume', DESKTOP, showResume);
  await shoot(browser, 'sign-in', DESKTOP, showSignIn);
} finally {
  await browser.close();
  await app.close();
  await guarded.close();
}

async function shoot(
  browser: Browser,
  name: string,
  options: BrowserContextOptions,
  show: (page: Page) => Promise<void>,
): Promise<void> {
  const page = await openPage(browser, options);
  await show(page);
  await page.screenshot({ path: join(DIRECTORY, `${name}.png`), fullPage: true });
  await page.context().close();
}

async function showLive(page: Page): Promise<void> {
  await page.goto(url);
  await report('import', { moved: 340, total: 500 });
  await report('thumbnails', { moved: 120, total: 120, status: 'done' });
  await report('backup', { moved: 7, total: 20, status: 'failed', message: 'the disk is full' });
  await page.getByLabel('Message').fill('Deploy 4.2 goes out at noon');
  await page.getByLabel('Title').fill('Heads up');
  await page.getByLabel('Level').selectOption('warning');
  await page.getByRole('button', { name: 'Notify' }).click();
  await page.waitForTimeout(SHOW_MS);
}

async function showStreams(page: Page): Promise<void> {
  await page.goto(`${url}/#/streams/orders`);
  for (const data of [
    { order: 1041, total: '19.90' },
    { order: 1042, total: '7.50' },
    { order: 1043, total: '112.00', note: 'gift wrapping, please' },
  ]) {
    await page.getByLabel('Data').fill(JSON.stringify(data));
    await page.getByRole('button', { name: 'Publish' }).click();
    await page.getByText('Published to orders').waitFor();
    await page.waitForTimeout(600);
  }
  await page.waitForTimeout(2500);
}

async function showPanes(page: Page): Promise<void> {
  await page.goto(`${url}/test-multi-client.html`);
  await page.waitForTimeout(10_000);
}

async function showResume(page: Page): Promise<void> {
  await page.goto(`${url}/#/resume`);
  const publish = page.getByRole('button', { name: 'Publish an event' });
  await publish.click();
  await page.getByText('Published number 1').waitFor();
  await page.getByRole('button', { name: 'Cut the connection' }).click();
  for (const number of [2, 3, 4]) {
    await publish.click();
    await page.getByText(`Published number ${number}`).waitFor();
  }
  await page.getByRole('button', { name: 'Bring it back', exact: true }).click();
  await page.getByText('caught up').first().waitFor();
  await page.waitForTimeout(300);
}

async function showSignIn(page: Page): Promise<void> {
  await page.goto(guardedUrl);
  await page.getByLabel('API key or token').waitFor();
}

async function report(task: string, body: object): Promise<void> {
  await send('PUT', `${url}/tasks/${task}`, body);
}
