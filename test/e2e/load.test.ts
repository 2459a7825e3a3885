import t from 'tap';
import { startServer } from '../server/process.js';
import { skip } from './support/browser.js';
import { send } from './support/send.js';
import { connected, visit } from './support/visit.js';

const EVENTS = 300;
const BATCH = 5;
const INTERVAL_MS = 50;
/** Twice a frame at 60 Hz, with room for a machine that does other work. */
const MAX_MEDIAN_FRAME_MS = 50;

t.test('100 events a second: every one counted, the list bounded, frames short', { skip }, async (t) => {
  const { url } = await startServer(t, { DEMO: 'false', LOG: 'memory' });
  const { page } = await visit(t, `${url}/#/streams/busy`);
  await connected(page);
  await page.evaluate(RECORD_FRAMES);
  for (let n = 0; n < EVENTS; n += BATCH) {
    const next = new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
    await send('POST', `${url}/events`, numbered(n));
    await next;
  }
  await page.getByText(`${EVENTS} events, the newest 100 kept, 100 shown`).waitFor();
  t.equal(await page.locator('.event').count(), 100);
  t.match(await page.locator('.event pre').first().textContent(), `"n": ${EVENTS - 1}`);
  const frames: number[] = await page.evaluate('frames.sort((a, b) => a - b)');
  const median = frames[Math.floor(frames.length / 2)] ?? Number.POSITIVE_INFINITY;
  t.ok(median < MAX_MEDIAN_FRAME_MS, `a frame takes ${Math.round(median)} ms at the median of ${frames.length}`);
});

/** Collects the time between animation frames. */
const RECORD_FRAMES = `
  globalThis.frames = [];
  let last = performance.now();
  requestAnimationFrame(function next(now) {
    frames.push(now - last);
    last = now;
    requestAnimationFrame(next);
  });
`;

function numbered(first: number): object[] {
  return Array.from({ length: BATCH }, (_, index) => ({
    stream: 'busy',
    data: { n: first + index, note: 'long enough to be shown on several lines, as most real data is' },
  }));
}
