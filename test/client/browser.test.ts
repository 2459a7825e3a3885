import { readFile } from 'node:fs/promises';
import { build } from 'esbuild';
import t from 'tap';
import { publish } from '../../client/index.js';
import { openBrowser, openPage, skip } from '../e2e/support/browser.js';
import { openFaultProxy } from '../faults/proxy.js';
import { serve, startHub } from './support.js';

const SCRIPT = /<script type="module">(.*)<\/script>/s;

/** The example with its script bundled, and the hub's address put in. */
async function bundlePage(hub: string): Promise<string> {
  const page = await readFile('examples/page.html', 'utf8');
  const { outputFiles } = await build({
    stdin: { contents: page.match(SCRIPT)?.[1]?.replace('http://127.0.0.1:3000', hub) ?? '', resolveDir: '.' },
    alias: { 'sluice/client': './client/index.ts' },
    bundle: true,
    format: 'esm',
    write: false,
  });
  return page.replace(SCRIPT, () => `<script type="module">${outputFiles[0]?.text}</script>`);
}

t.test('examples/page.html works in a browser, from another origin, and resumes exactly', { skip }, async (t) => {
  const hub = await startHub(t);
  const wire = await openFaultProxy(t, hub.url);
  const html = await bundlePage(wire.url);
  const { url } = await serve(t, (_request, response) => response.setHeader('content-type', 'text/html').end(html));
  const browser = await openBrowser();
  t.teardown(() => browser.close());
  const page = await openPage(browser);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(url);
  await page.getByText('open, fresh').waitFor();
  await page.getByLabel('Item').fill('tea');
  await page.getByRole('button').click();
  await page.getByRole('listitem').filter({ hasText: 'tea' }).waitFor();
  wire.cut();
  await publish(hub.url, 'orders.phone', { item: 'coffee' }, { type: 'order' });
  await page.getByText('open, exact').waitFor();
  await page.getByRole('listitem').filter({ hasText: 'coffee' }).waitFor();
  t.strictSame(await page.getByRole('listitem').allTextContents(), ['tea', 'coffee']);
  t.strictSame(problems, []);
});

t.test('credentials: include sends cookies to another origin, without it none go', { skip }, async (t) => {
  const cookies: (string | undefined)[] = [];
  const hub = await serve(t, ({ headers, method }, response) => {
    response.setHeader('access-control-allow-origin', headers.origin ?? '');
    response.setHeader('access-control-allow-credentials', 'true');
    response.setHeader('access-control-allow-headers', 'content-type');
    if (method !== 'OPTIONS') {
      cookies.push(headers.cookie);
    }
    response.setHeader('content-type', method === 'POST' ? 'application/json' : 'text/event-stream');
    response.end(method === 'POST' ? '{"id":"1"}' : 'data: a\n\n');
  });
  const { url } = await serve(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'session=s; HttpOnly; SameSite=Strict' });
    response.end('<!doctype html><title>app</title>');
  });
  const browser = await openBrowser();
  t.teardown(() => browser.close());
  const page = await openPage(browser);
  await page.goto(url);
  await page.addScriptTag({ content: await bundleClient() });
  for (const options of ['{}', "{ credentials: 'include' }"]) {
    await page.evaluate(`client.publish('${hub.url}', 'a', 1, ${options})`);
    await page.evaluate(`client.connect('${hub.url}', ${options})[Symbol.asyncIterator]().next()`);
    await page.reload();
    await page.addScriptTag({ content: await bundleClient() });
  }
  t.strictSame(cookies.slice(0, 4), [undefined, undefined, 'session=s', 'session=s']);
});

async function bundleClient(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ['client/index.ts'],
    bundle: true,
    format: 'iife',
    globalName: 'client',
    write: false,
  });
  return String(outputFiles[0]?.text);
}
