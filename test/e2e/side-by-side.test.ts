import type { Page } from 'playwright-core';
import t from 'tap';
import { startServer } from '../server/process.js';
import { makeCertificate } from '../support/certificate.js';
import { skip } from './support/browser.js';
import { host } from './support/host.js';
import { send } from './support/send.js';
import { connected, visit } from './support/visit.js';

t.test('panes of one stream see the same events, panes of another others', { skip }, async (t) => {
  const { url } = await host(t, { demo: true, numbersIntervalMs: 50 });
  const { page, errors } = await visit(t, `${url}/test-multi-client.html`);
  await connected(page);
  await page
    .locator('[data-verdict="equal"]', { hasText: /[5-9] events/ })
    .first()
    .waitFor();
  t.equal(await page.locator('[data-verdict="equal"]').count(), 2);
  const [first, second, other] = await tallies(page);
  t.equal(first, second);
  t.not(first, other);
  t.same(errors, []);
});

t.test('panes come and go; one that comes later is compared from where it came in', { skip }, async (t) => {
  const { url } = await host(t);
  const { page } = await visit(t, `${url}/#/side-by-side`);
  await connected(page);
  await send('POST', `${url}/sse/test1`, 'before');
  await page.locator('[data-verdict="equal"]', { hasText: '1 event' }).first().waitFor();
  await page.getByRole('button', { name: 'Add pane' }).click();
  await page.getByRole('heading', { name: '4: test1' }).waitFor();
  await connected(page);
  t.ok(await page.getByRole('button', { name: 'Add pane' }).isDisabled(), 'four at most');
  await send('POST', `${url}/sse/test1`, 'after');
  await page.locator('.pane', { hasText: '4: test1' }).getByText('equal to the other panes').waitFor();
  const [first, second, , fourth] = await tallies(page);
  t.match(first, '1 event,');
  t.same([second, fourth], [first, first]);
  await page.getByRole('button', { name: 'Remove pane 1' }).click();
  await page.getByText('3 panes, 2 streams.').waitFor();
  const field = page.getByLabel('Stream id');
  for (const none of ['a b', '-a', 'a'.repeat(129)]) {
    await field.fill(none);
    t.ok(await field.evaluate('this.document.activeElement.validity.patternMismatch'), none);
  }
  await field.fill('a-b');
  await page.getByRole('button', { name: 'Add pane' }).click();
  await page.getByText('4 panes, 3 streams.').waitFor();
});

t.test('over HTTP/2 there may be more panes than a browser opens connections', { skip }, async (t) => {
  const { cert, key } = makeCertificate(t);
  const settings = { DEMO: 'true', LOG: 'memory', NUMBERS_INTERVAL_MS: '50', TLS_CERT: cert, TLS_KEY: key };
  const { url } = await startServer(t, settings);
  const { page } = await visit(t, `${url}/#/side-by-side`, { ignoreHTTPSErrors: true });
  for (let panes = 4; panes <= 9; panes++) {
    await page.getByRole('button', { name: 'Add pane' }).click();
    await page.getByText(`${panes} panes, 2 streams.`).waitFor();
  }
  await connected(page);
  await page.getByText('equal to the other panes').nth(7).waitFor();
});

t.test('a page that came over HTTP/3 may have as many', { skip }, async (t) => {
  const { url } = await host(t);
  const { page } = await visit(t, 'about:blank');
  await page.addInitScript(`performance.getEntriesByType = () => [{ nextHopProtocol: 'h3' }]`);
  await page.goto(`${url}/#/side-by-side`);
  await page.getByRole('button', { name: 'Add pane' }).click();
  await page.getByText('4 panes, 2 streams.').waitFor();
  t.ok(await page.getByRole('button', { name: 'Add pane' }).isEnabled());
});

t.test('tabs that watch one stream show the same events', { skip }, async (t) => {
  const { url } = await host(t);
  const { page } = await visit(t, `${url}/#/streams/shared`);
  const others = await Promise.all([1, 2].map(() => page.context().newPage()));
  await Promise.all(others.map((other) => other.goto(`${url}/#/streams/shared`)));
  const tabs = [page, ...others];
  await Promise.all(tabs.map(connected));
  await send(
    'POST',
    `${url}/events`,
    Array.from({ length: 30 }, (_, n) => ({ stream: 'shared', data: { n } })),
  );
  await Promise.all(tabs.map((tab) => tab.getByText('30 events, 30 shown').waitFor()));
  const [first, ...rest] = await Promise.all(tabs.map((tab) => tab.locator('.event pre').allTextContents()));
  t.equal(first?.length, 30);
  t.same(rest, [first, first]);
});

/** Count and checksum of each pane, read in one go. */
async function tallies(page: Page): Promise<string[]> {
  const texts = await page.locator('.tally').allTextContents();
  return texts.map((text) => /^\d+ events?, checksum [0-9a-f]{8}/.exec(text)?.[0] ?? text);
}
