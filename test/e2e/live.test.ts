import t from 'tap';
import { startServer } from '../server/process.js';
import { skip } from './support/browser.js';
import { host } from './support/host.js';
import { send } from './support/send.js';
import { connected, visit } from './support/visit.js';

const FAST = {
  STOCK_INTERVAL_MS: '100',
  METRICS_INTERVAL_MS: '100',
  NOTIFICATIONS_INTERVAL_MS: '100',
  PROGRESS_INTERVAL_MS: '50',
};

t.test('the live view moves: price, figures, notifications and the simulated job', { skip }, async (t) => {
  const { url } = await startServer(t, { DEMO: 'true', LOG: 'memory', ...FAST });
  const { page, errors } = await visit(t, url);
  await connected(page);
  await page.getByRole('img', { name: /Chart of the price, between .* now \d+\.\d\d/ }).waitFor();
  await page.locator('.chart canvas').waitFor();
  const price = page.locator('.price');
  const before = (await price.textContent()) ?? '';
  await price.filter({ hasNotText: before }).waitFor();
  for (const name of ['CPU', 'Memory', 'Requests', 'Clients']) {
    await page.locator('.tile', { hasText: name }).getByText(/^\d/).first().waitFor();
  }
  await page.locator('.feed li').nth(2).waitFor();
  const job = page.locator('.jobs li', { hasText: 'Simulated job' });
  const moved = (await job.textContent()) ?? '';
  await job.filter({ hasNotText: moved }).waitFor();
  t.same(errors, [], 'no script error, nothing that the Content-Security-Policy forbids');
});

t.test('a single price is a point in sight', { skip }, async (t) => {
  const { url } = await host(t, { demo: true, stockIntervalMs: 600_000 });
  const { page } = await visit(t, url, { colorScheme: 'light' });
  await page.locator('.chart canvas').waitFor();
  await t.resolves(until(() => page.evaluate(DRAWN)));
});

t.test('a notification sent with the form comes back on the stream', { skip }, async (t) => {
  const { url } = await host(t, { demo: true });
  const { page } = await visit(t, url);
  await connected(page);
  await page.getByLabel('Message').fill('Deploy at noon');
  await page.getByLabel('Title').fill('Heads up');
  await page.getByLabel('Level').selectOption('warning');
  await page.getByRole('button', { name: 'Notify' }).click();
  await page.getByText('Sent to 1 watcher.').waitFor();
  const item = page.locator('.feed li', { hasText: 'Deploy at noon' });
  t.match(await item.textContent(), /\d\d:\d\d:\d\d.*warning.*Heads up.*Deploy at noon/);
});

t.test('tasks are shown as bars, those from before the visit and failed ones too', { skip }, async (t) => {
  const { url } = await host(t, { demo: true });
  await send('PUT', `${url}/tasks/early`, { moved: 1, total: 4 });
  const { page } = await visit(t, url);
  const bar = page.getByRole('progressbar', { name: 'early, running' });
  await bar.waitFor();
  t.equal(await bar.getAttribute('value'), '1');
  await send('PUT', `${url}/tasks/early`, { moved: 2, total: 4, status: 'failed', message: 'the disk is full' });
  await page.getByRole('progressbar', { name: 'early, failed' }).waitFor();
  t.match(await page.locator('[data-status="failed"]').textContent(), /failed · 2 of 4 · 50\.00 %.*the disk is full/);
  await send('PUT', `${url}/tasks/late`, { moved: 5, total: 5, status: 'done' });
  await page.getByRole('progressbar', { name: 'late, done' }).waitFor();
});

t.test('a tab holds one connection, and gives it back when another view is chosen', { skip }, async (t) => {
  const { url } = await host(t, { demo: true });
  const { page } = await visit(t, url);
  await connected(page);
  t.equal(await clientsOf(url), 1);
  await page.getByRole('link', { name: 'Streams' }).click();
  await page.getByText('Any id will do.').waitFor();
  await t.resolves(until(async () => (await clientsOf(url)) === 0));
});

t.test('without the demo it says what it waits for', { skip }, async (t) => {
  const { url } = await host(t);
  const { page, errors } = await visit(t, url);
  await page.getByText('With demo streams on, one comes every two seconds.').waitFor();
  await page.getByText('No task reports yet.').waitFor();
  t.same(errors, []);
});

t.test('data that nobody expected on a stream of the view does not break it', { skip }, async (t) => {
  const { url } = await host(t);
  const { page, errors } = await visit(t, url);
  await connected(page);
  const noTime = { message: 'no time', timestamp: 1e300 };
  const early = { price: 1, timestamp: Date.now() + 3_600_000 };
  const odd = [
    'text',
    7,
    [],
    { price: 'much' },
    early,
    { cpu: 'hot' },
    { message: {} },
    { moved: 1, total: 0 },
    noTime,
    { price: Number.MAX_SAFE_INTEGER },
    { price: '1e17' },
    { price: 1, timestamp: -8.64e15 },
    { cpu: 1e308, memory: -1e308, requests: 1e308 },
  ];
  for (const stream of ['stock', 'metrics', 'notifications', 'progress', 'tasks.odd']) {
    for (const data of odd) {
      await send('POST', `${url}/sse/${stream}`, data);
    }
  }
  await send('POST', `${url}/sse/stock`, { price: '12.50', trend: 1, timestamp: Date.now() });
  await page.locator('.price', { hasText: '12.50' }).waitFor();
  await page.locator('.feed li', { hasText: 'no time' }).waitFor();
  t.same(errors, []);
});

/** Whether something on the chart has the colour of its line, where all else is grey. */
const DRAWN = `(() => {
  const canvas = document.querySelector('.chart canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.some((_, at) => at % 4 === 0 && data[at + 3] === 255 && data[at] < 30 && data[at + 2] > 100);
})()`;

async function clientsOf(url: string): Promise<number> {
  const { clients } = (await (await fetch(url)).json()) as { clients: number };
  return clients;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
