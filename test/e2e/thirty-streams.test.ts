import type { CDPSession, Page } from 'playwright-core';
import t from 'tap';
import { startServer } from '../server/process.js';
import { makeCertificate } from '../support/certificate.js';
import { skip } from './support/browser.js';
import { send } from './support/send.js';
import { visit } from './support/visit.js';

const STREAMS = Array.from({ length: 30 }, (_, i) => `room-${i}`);

interface Opened {
  readonly protocol: string;
  readonly connectionId: number;
}

/** How the browser says that it got each stream. */
async function observe(page: Page): Promise<Map<string, Opened>> {
  const opened = new Map<string, Opened>();
  const client: CDPSession = await page.context().newCDPSession(page);
  client.on('Network.responseReceived', ({ response: { url, protocol = '', connectionId } }) => {
    opened.set(new URL(url).pathname, { protocol, connectionId });
  });
  await client.send('Network.enable');
  return opened;
}

/** Opens an EventSource for each stream, and notes what comes. */
function openAll(page: Page): Promise<void> {
  return page.evaluate((streams) => {
    const received: Record<string, string[]> = {};
    for (const stream of streams) {
      const source = new EventSource(`/sse/${stream}`);
      source.addEventListener('connected', () => {
        received[stream] = [];
      });
      source.onmessage = ({ data }) => received[stream]?.push(data);
    }
    Object.assign(globalThis, { received });
  }, STREAMS);
}

function received(page: Page): Promise<Record<string, string[]>> {
  return page.evaluate(() => (globalThis as unknown as { received: Record<string, string[]> }).received);
}

t.test('thirty streams of one page share one connection over HTTP/2, and each gets its events', { skip }, async (t) => {
  const { cert, key } = makeCertificate(t);
  const { url } = await startServer(t, { LOG: 'memory', TLS_CERT: cert, TLS_KEY: key });
  const { page, errors } = await visit(t, url, { ignoreHTTPSErrors: true });
  const opened = await observe(page);
  await openAll(page);
  await page.waitForFunction(
    (count) => Object.keys((globalThis as unknown as { received: object }).received).length === count,
    STREAMS.length,
  );
  const publish = (streams: string[]) =>
    page.evaluate(
      (batch) => fetch('/events', { method: 'POST', headers: { 'content-type': 'application/json' }, body: batch }),
      JSON.stringify(streams.map((stream) => ({ stream, data: `for ${stream}` }))),
    );
  await publish(STREAMS);
  await page.waitForFunction(() =>
    Object.values((globalThis as unknown as { received: Record<string, string[]> }).received).every(
      (events) => events.length === 1,
    ),
  );
  t.strictSame(await received(page), Object.fromEntries(STREAMS.map((stream) => [stream, [`for ${stream}`]])));
  const streams = STREAMS.map((stream) => opened.get(`/sse/${stream}`));
  t.ok(streams.every((stream) => stream?.protocol === 'h2'));
  t.equal(new Set(streams.map((stream) => stream?.connectionId)).size, 1, 'one connection');
  t.same(errors, []);
});

t.test('over HTTP/1.1 the same page gets six', { skip }, async (t) => {
  const { url } = await startServer(t, { LOG: 'memory' });
  const { page } = await visit(t, `${url}/docs`);
  await openAll(page);
  await page.waitForFunction(() => Object.keys((globalThis as unknown as { received: object }).received).length === 6);
  await send('POST', `${url}/sse/room-0`, 'one');
  await page.waitForFunction(() =>
    (globalThis as unknown as { received: Record<string, string[]> }).received['room-0']?.includes('one'),
  );
  t.equal(Object.keys(await received(page)).length, 6);
});
