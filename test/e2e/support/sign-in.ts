import type { Page } from 'playwright-core';

/** Types a key or token into the form, and sends it by keyboard. */
export async function signIn(page: Page, credential: string): Promise<void> {
  await page.getByLabel('API key or token').fill(credential);
  await page.keyboard.press('Enter');
}
