import type { Page } from 'playwright-core';
import t from 'tap';
import { type RunningServer, startServer } from '../server/process.js';
import { skip } from './support/browser.js';
import { send } from './support/send.js';
import { connected, visit } from './support/visit.js';

/** What a watcher is told after a crash: with history on disk nothing is missing, in memory it is gone and said so. */
const VERDICTS = { disk: 'exact', memory: 'gap' } as const;

for (const [log, verdict] of Object.entries(VERDICTS)) {
  t.test(`LOG=${log}: a watcher survives a crash of the server and is told: ${verdict}`, { skip }, async (t) => {
    const directory = t.testdir();
    const settings = { LOG: log, DEMO: 'false', RETRY_MS: '200' };
    const server = await startServer(t, settings, directory);
    const { page, errors } = await visit(t, `${server.url}/#/streams/orders`);
    await connected(page);
    await send('POST', `${server.url}/sse/orders`, 'before');
    await page.locator('.event', { hasText: 'before' }).waitFor();

    await crash(server);
    await page.locator('.status').getByText('The server does not answer').waitFor();
    await page.getByText(/^Trying again in \d+ s\.$/).waitFor();
    const known = page.getByText('This list is not fresh.');
    await known.waitFor();

    const { url } = await startServer(t, { ...settings, PORT: String(server.port) }, directory);
    await send('POST', `${url}/sse/orders`, 'while it was away');
    await resumed(page, verdict);
    await send('POST', `${url}/sse/orders`, 'after');
    await page.locator('.event', { hasText: 'after' }).waitFor();
    await known.waitFor({ state: 'hidden' });

    const shown = await page.locator('.event pre').allTextContents();
    t.same(shown, verdict === 'exact' ? ['after', 'while it was away', 'before'] : ['after', 'before']);
    t.ok(
      errors.every((text) => text.includes('ERR_')),
      'nothing but failed requests on the console',
    );
  });
}

async function crash(server: RunningServer): Promise<void> {
  server.child.kill('SIGKILL');
  await server.exit;
}

function resumed(page: Page, verdict: string): Promise<void> {
  return page.locator(`.status[data-status="open"][data-resume="${verdict}"]`).waitFor();
}
