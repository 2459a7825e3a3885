import t from 'tap';
import { skip } from './support/browser.js';
import { host } from './support/host.js';
import { connected, visit } from './support/visit.js';

for (const colorScheme of ['light', 'dark'] as const) {
  t.test(`edges of controls stand out in ${colorScheme} mode (WCAG 1.4.11)`, { skip }, async (t) => {
    const { url } = await host(t);
    const { page } = await visit(t, `${url}/#/streams/orders`, { colorScheme });
    await connected(page);
    for (const control of ['textarea', 'input[type="search"]', 'button[aria-pressed]']) {
      t.ok((await page.evaluate<number>(`(${CONTRAST})('${control}')`)) >= 3, control);
    }
  });
}

t.test('with forced colours the current view, the state and progress are seen', { skip }, async (t) => {
  const { app, url } = await host(t);
  const { page } = await visit(t, url, { forcedColors: 'active' });
  await connected(page);
  await app.bus.publish({ stream: 'tasks.import', data: { moved: 1, total: 2 } });
  await page.locator('progress').waitFor();
  const canvas = await page.evaluate('getComputedStyle(document.body).backgroundColor');
  for (const element of ['nav a[aria-current]', '.dot', 'progress']) {
    t.not(
      await page.evaluate(`getComputedStyle(document.querySelector('${element}')).backgroundColor`),
      canvas,
      element,
    );
  }
});

t.test('with forced colours what has nothing to do is grey, and a select is seen to be one', { skip }, async (t) => {
  const { url } = await host(t);
  const { page } = await visit(t, url, { forcedColors: 'active' });
  await connected(page);
  const style = (selector: string, property: string) =>
    page.evaluate<string>(`getComputedStyle(document.querySelector('${selector}')).${property}`);
  t.not(await style('select', 'appearance'), 'none', 'the arrow of its own is a background');
  await page.goto(`${url}/#/resume`);
  await connected(page);
  t.not(await style('button[aria-disabled="true"]', 'color'), await style('button[aria-disabled="false"]', 'color'));
});

/** Contrast of an edge to what is inside and outside of it, the smaller one. */
const CONTRAST = `(selector) => {
  const luminance = (color) => color.match(/[\\d.]+/g).slice(0, 3)
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const ratio = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  const element = document.querySelector(selector);
  const { borderTopColor, backgroundColor } = getComputedStyle(element);
  const around = getComputedStyle(element.closest('.card')).backgroundColor;
  return Math.min(...[backgroundColor, around].map((color) => ratio(luminance(borderTopColor), luminance(color))));
}`;
