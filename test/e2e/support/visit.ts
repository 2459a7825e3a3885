import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import root, { type Test } from 'tap';
import { openBrowser, openPage } from './browser.js';

export interface Visit {
  readonly page: Page;
  /** Script errors and everything the console calls an error, breaches of the Content-Security-Policy among them. */
  readonly errors: readonly string[];
}

let browser: Promise<Browser> | undefined;

/** Opens an address in a context of its own, closed with the test. A test file shares one browser. */
export async function visit(t: Test, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  browser ??= openForAll();
  const page = await openPage(await browser, options);
  t.teardown(() => page.context().close());
  const errors = collectErrors(page);
  await page.goto(url);
  return { page, errors };
}

/** Resolves when every connection of the page is open. */
export async function connected(page: Page): Promise<void> {
  await page.locator('.status').first().waitFor();
  await page.locator('.status:not([data-status="open"])').first().waitFor({ state: 'detached' });
}

async function openForAll(): Promise<Browser> {
  const opened = await openBrowser();
  root.teardown(() => opened.close());
  return opened;
}

function collectErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') {
      errors.push(message.text());
    }
  });
  return errors;
}
