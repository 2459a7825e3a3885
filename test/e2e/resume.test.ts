import type { Page } from 'playwright-core';
import t from 'tap';
import { startServer } from '../server/process.js';
import { skip } from './support/browser.js';
import { host } from './support/host.js';
import { connected, visit } from './support/visit.js';

t.test('cut, publish, bring back: exactly what was missed', { skip }, async (t) => {
  const page = await cutWithMissed(t, 3);
  await page.getByRole('button', { name: 'Bring it back', exact: true }).click();
  await page.getByText('3 events caught up, 3 published from here while away.').waitFor();
  await page.locator('.status[data-resume="exact"]').waitFor();
  await publish(page, 5);
  const story = await page.locator('.story li').allTextContents();
  t.equal(story.length, 8);
  t.match(story[0], /"number": 5/);
  t.notMatch(story[0], 'caught up', 'what comes after the return is live');
  for (const [index, number] of [4, 3, 2].entries()) {
    t.match(story[index + 1], new RegExp(`caught up.*"number": ${number}`));
  }
  t.match(story.slice(4, 6), [/^exact/, 'Connection cut']);
});

t.test('cut, purge, bring back: a gap, and why', { skip }, async (t) => {
  const page = await cutWithMissed(t, 2);
  await page.getByRole('button', { name: 'Purge the history' }).click();
  await page.getByText('Removed 3 events').waitFor();
  await page.getByRole('button', { name: 'Bring it back', exact: true }).click();
  await page.locator('.status[data-resume="gap"]').waitFor();
  await page.locator('.story').getByText('gap: retention or a purge has removed events that were missed').waitFor();
  await page.getByText('0 events caught up, 2 published from here while away.').waitFor();
});

t.test('the cursor of another log: a gap, and why', { skip }, async (t) => {
  const page = await cutWithMissed(t, 1);
  await page.getByRole('button', { name: 'Bring it back with the cursor of another log' }).click();
  await page.locator('.story').getByText('gap: the cursor belongs to a log that is gone').waitFor();
  await page.getByText('0 events caught up, 1 published from here while away.').waitFor();
  await publish(page, 3);
  t.equal(await page.getByText('caught up').count(), 1, 'what comes now is live');
});

t.test('a double click publishes two numbers', { skip }, async (t) => {
  const { url } = await startServer(t, { DEMO: 'false', LOG: 'memory' });
  const { page } = await visit(t, `${url}/#/resume`);
  await connected(page);
  await page.getByRole('button', { name: 'Publish an event' }).dblclick();
  await page.locator('.event', { hasText: '"number": 1' }).waitFor();
  await page.locator('.event', { hasText: '"number": 2' }).waitFor();
});

/** A page whose watcher has seen number 1, was cut, and has missed the next ones. */
async function cutWithMissed(t: Parameters<typeof visit>[0], count: number): Promise<Page> {
  const { url } = await host(t);
  const { page } = await visit(t, `${url}/#/resume`);
  await connected(page);
  await publish(page, 1);
  await page.locator('.event', { hasText: '"number": 1' }).waitFor();
  await page.getByRole('button', { name: 'Cut the connection' }).click();
  await page.getByText('Away: nothing reaches it.').waitFor();
  for (let number = 2; number <= count + 1; number++) {
    await publish(page, number);
  }
  t.equal(await page.locator('.event').count(), 1, 'nothing arrives while it is cut');
  return page;
}

async function publish(page: Page, number: number): Promise<void> {
  await page.getByRole('button', { name: 'Publish an event' }).click();
  await page.getByText(`Published number ${number}.`).waitFor();
}
