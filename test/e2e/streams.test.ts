import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';
import { startServer } from '../server/process.js';
import { skip } from './support/browser.js';
import { host } from './support/host.js';
import { send } from './support/send.js';
import { connected, visit } from './support/visit.js';

const run = promisify(execFile);
const OPTIONS = { demo: true, numbersIntervalMs: 100 };

t.test('type an id, connect, see its events, disconnect, connect again', { skip }, async (t) => {
  const { url } = await startServer(t, { DEMO: 'true', LOG: 'memory', NUMBERS_INTERVAL_MS: '100' });
  const { page, errors } = await visit(t, `${url}/#/streams`);
  await page.getByLabel('Stream id').fill('room1');
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await connected(page);
  const rows = page.locator('.event');
  await rows.nth(1).waitFor();
  t.match(await rows.first().textContent(), /\d\d:\d\d:\d\d.*message.*"number": \d+.*"id": "room1"/s);
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await page.getByText('Not connected').waitFor();
  const count = (await page.getByTestId('counts').textContent()) ?? '';
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await connected(page);
  await page.getByTestId('counts').filter({ hasNotText: count }).waitFor();
  t.same(errors, []);
});

t.test('another stream takes the place of the one before; back brings that back', { skip }, async (t) => {
  const { url } = await host(t);
  await send('POST', `${url}/sse/room2`, 1);
  const { page } = await visit(t, `${url}/#/streams/room1`);
  await connected(page);
  const field = page.getByLabel('Stream id');
  await page.getByRole('link', { name: 'room2' }).click();
  await page.getByRole('row', { name: /^room2 1 1 / }).waitFor();
  t.equal(await field.inputValue(), 'room2', 'one field, for the stream that is shown');
  await page.goBack();
  await page.getByText('Publish to room1').waitFor();
  t.equal(await field.inputValue(), 'room1');
  await field.fill(' room1 , room2 ');
  await field.press('Enter');
  await page.getByText('curl -N').filter({ hasText: 'room1%2Croom2' }).waitFor();
  await connected(page);
  t.ok(await field.evaluate('this.document.activeElement.tagName === "INPUT"'), 'the focus stays');
});

t.test('what is published from the page arrives, JSON and text', { skip }, async (t) => {
  const { url } = await host(t, OPTIONS);
  const { page } = await visit(t, `${url}/#/streams/orders`);
  await connected(page);
  await page.getByLabel('Data').fill('{"order": 7, "note": "a note that is long enough to be indented"}');
  await page.getByLabel('Type').fill('placed');
  await page.getByRole('button', { name: 'Publish' }).click();
  const event = page.locator('.event', { hasText: 'placed' });
  t.equal(
    await event.locator('pre').textContent(),
    `{\n  "order": 7,\n  "note": "a note that is long enough to be indented"\n}`,
  );
  await page.getByLabel('Data').fill('two\nlines');
  await page.getByText('Not JSON: sent as text.').waitFor();
  await page.getByRole('button', { name: 'Publish' }).click();
  await page.locator('.event pre', { hasText: /^two\nlines$/ }).waitFor();
  await page.getByLabel('Data').fill('{"order": 12345678901234567890}');
  await page.getByRole('button', { name: 'Publish' }).click();
  await page.getByText('An integer beyond 2^53 would lose digits: send it as a string.').waitFor();
});

t.test('that a command was copied is said, too', { skip }, async (t) => {
  const { url } = await host(t);
  const { page } = await visit(t, `${url}/#/streams/orders`, { permissions: ['clipboard-write'] });
  await page.getByRole('button', { name: 'Copy: this stream as a curl command' }).click();
  await page
    .getByRole('status')
    .filter({ hasText: /^Copied$/ })
    .waitFor({ state: 'attached' });
});

t.test('the curl command shown for publishing does what the button does', { skip }, async (t) => {
  const { url } = await host(t, OPTIONS);
  const { page } = await visit(t, `${url}/#/streams/orders`);
  await connected(page);
  await page.getByLabel('Data').fill(`{"note": "it's odd \\\\ $HOME"}`);
  await page.getByLabel('Type').fill('by hand');
  const command = await page.locator('.form .command code').textContent();
  await run('sh', ['-c', `${command} --no-progress-meter --fail`]);
  const event = page.locator('.event', { hasText: 'by hand' });
  t.equal(await event.locator('pre').textContent(), String.raw`{ "note": "it's odd \\ $HOME" }`);
});

t.test('a pattern shows which stream each event belongs to', { skip }, async (t) => {
  const { url } = await host(t, OPTIONS);
  const { page } = await visit(t, `${url}/#/streams/${encodeURIComponent('orders.*')}`);
  await connected(page);
  await send('POST', `${url}/sse/orders.eu`, 1);
  await page.locator('.event', { hasText: 'orders.eu' }).waitFor();
  t.equal(await page.getByRole('button', { name: 'Publish' }).count(), 0, 'nothing can be published to a pattern');
});

t.test('the newest 100 are kept; filter, pause and clear', { skip }, async (t) => {
  const { url } = await host(t);
  const { page } = await visit(t, `${url}/#/streams/busy`);
  await connected(page);
  const counts = page.getByTestId('counts');
  await send('POST', `${url}/events`, numbered(1, 150));
  await counts.getByText('150 events, the newest 100 kept, 100 shown').waitFor();
  t.equal(await page.locator('.event').count(), 100);
  t.equal(await page.locator('.event pre').first().textContent(), '{ "n": 150 }', 'newest first');

  await page.getByLabel('Filter').fill('"N":10');
  await counts.getByText('10 shown').waitFor();
  await page.getByLabel('Filter').fill('nothing like this');
  await page.getByText('Nothing on screen matches.').waitFor();
  await page.getByLabel('Filter').fill('');

  await page.getByRole('button', { name: 'Pause' }).click();
  await send('POST', `${url}/events`, numbered(151, 5));
  await counts.getByText('paused, 5 more since').waitFor();
  t.equal(await page.locator('.event pre').first().textContent(), '{ "n": 150 }', 'the screen stands still');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.locator('.event pre', { hasText: '{ "n": 155 }' }).waitFor();

  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByText('No events since it was connected.').waitFor();
});

t.test('known streams are listed with watchers and events, and kept fresh', { skip }, async (t) => {
  const { url } = await host(t, OPTIONS);
  await send('POST', `${url}/sse/orders`, 1);
  const { page } = await visit(t, `${url}/#/streams`);
  await page.getByRole('row', { name: /^orders 0 1 / }).waitFor();
  await send('POST', `${url}/sse/orders`, 2);
  await page.getByRole('row', { name: /^orders 0 2 / }).waitFor();
  await page.getByRole('link', { name: 'orders' }).click();
  await page.getByRole('row', { name: /^orders 1 2 / }).waitFor();
  await page.getByLabel('Name begins with').fill('nothing');
  await page.getByText('No stream begins with this.').waitFor();
});

function numbered(first: number, count: number): object[] {
  return Array.from({ length: count }, (_, index) => ({ stream: 'busy', data: { n: first + index } }));
}
