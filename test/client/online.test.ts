import t, { type Test } from 'tap';
import { eventually } from '../wire/serve.js';
import { serve, watch } from './support.js';

/** Node has no network events: a stand-in for a page's, which knows who listens. */
function openPage(t: Test) {
  const listening = new Set<unknown>();
  const page = new EventTarget();
  const addEventListener: EventTarget['addEventListener'] = (type, listener, options) => {
    listening.add(listener);
    (options as { signal: AbortSignal }).signal.addEventListener('abort', () => listening.delete(listener));
    page.addEventListener(type, listener, options);
  };
  Object.assign(globalThis, { addEventListener });
  t.teardown(() => Reflect.deleteProperty(globalThis, 'addEventListener'));
  return { listening, comeOnline: () => page.dispatchEvent(new Event('online')) };
}

/** A server that is away at first. */
async function returning(t: Test, headers = {}) {
  const seen = { requests: 0 };
  const { url } = await serve(t, (_request, response) => {
    const isBack = ++seen.requests > 1;
    response.writeHead(isBack ? 200 : 503, isBack ? { 'content-type': 'text/event-stream' } : headers);
    response.write('data: a\n\n');
    response[isBack ? 'flushHeaders' : 'end']();
  });
  return { url, seen };
}

t.test('whoever waits tries at once when the network is back, and leaves no listener', async (t) => {
  const { listening, comeOnline } = openPage(t);
  const { url } = await returning(t);
  const { connection, reached } = watch(t, url, { retryMs: 2 ** 30, maxRetryMs: 2 ** 30 });
  await reached('waiting');
  t.equal(listening.size, 1);
  comeOnline();
  await eventually(() => connection.state.status === 'open');
  t.equal(listening.size, 0);
});

t.test('close() takes the listener off', async (t) => {
  const { listening } = openPage(t);
  const { url } = await returning(t);
  const { connection, reached } = watch(t, url, { retryMs: 2 ** 30, maxRetryMs: 2 ** 30 });
  await reached('waiting');
  connection.close();
  t.equal(listening.size, 0);
});

t.test('a server that has asked for time gets it', async (t) => {
  const { listening, comeOnline } = openPage(t);
  const { url, seen } = await returning(t, { 'retry-after': '60' });
  const { reached } = watch(t, url);
  await reached('waiting');
  comeOnline();
  await new Promise((resolve) => setTimeout(resolve, 700));
  t.equal(listening.size, 0);
  t.equal(seen.requests, 1);
});
