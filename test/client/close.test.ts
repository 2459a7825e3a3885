import t, { type Test } from 'tap';
import { type ConnectionState, type ConnectOptions, connect } from '../../client/index.js';
import { eventually } from '../wire/serve.js';
import { QUICK, serve, serveStreams, take, watch } from './support.js';

/** A server of which each path hangs at another stage. */
async function stuck(t: Test) {
  return serve(t, ({ url }, response) => {
    if (url === '/silent') {
      return;
    }
    if (url === '/refusing') {
      response.writeHead(503, { 'retry-after': '60', connection: 'close' }).end();
      return;
    }
    if (url === '/half-refusing') {
      response.writeHead(400).write('{');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(url === '/sending' ? 'data: 1\n\ndata: 2\n\ndata: 3' : ':\n');
  });
}

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

/** Resolves once no connection is left that brought a request, and no timer beside those that were there before. */
async function allGone(sockets: ReadonlySet<unknown>, before: number): Promise<void> {
  while (sockets.size > 0 || timers() > before) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const never = () => new Promise<never>(() => {});

const STAGES: Record<string, { path: string; options?: ConnectOptions; at: (state: ConnectionState) => boolean }> = {
  'while headers are being made': {
    path: 'open',
    options: { headers: never },
    at: ({ status }) => status === 'connecting',
  },
  'before any answer': { path: 'silent', at: ({ status }) => status === 'connecting' },
  'in the middle of an error': { path: 'half-refusing', at: ({ status }) => status === 'connecting' },
  'while waiting to return': { path: 'refusing', at: ({ status }) => status === 'waiting' },
  'while the stream is quiet': { path: 'open', at: ({ status }) => status === 'open' },
  'in the middle of an event': { path: 'sending', at: ({ status }) => status === 'open' },
};

for (const [name, { path, options, at }] of Object.entries(STAGES)) {
  t.test(`an abort ${name} leaves no timer and no socket, and ends the loop`, async (t) => {
    const { url, sockets } = await stuck(t);
    const before = timers();
    const controller = new AbortController();
    const { connection, states } = watch(t, url + path, { ...options, signal: controller.signal });
    const events: unknown[] = [];
    const loop = (async () => {
      for await (const { data } of connection) {
        events.push(data);
      }
    })();
    await eventually(() => states.some(at));
    await eventually(() => path !== 'sending' || events.length === 2);
    controller.abort();
    await loop;
    t.strictSame(states.at(-1), { status: 'closed' }, 'without an error');
    await allGone(sockets, before);
    t.equal(states.filter(({ status }) => status === 'closed').length, 1);
  });
}

t.test('a signal that has aborted before makes no request', async (t) => {
  const { url } = await serve(t, () => t.fail('a request came'));
  const { connection, states } = watch(t, url, { signal: AbortSignal.abort() });
  t.strictSame(await take(connection, 1), []);
  t.strictSame(states, [{ status: 'closed' }]);
});

t.test('close() right after connect() makes no request, and nor does one inside a callback', async (t) => {
  const { url } = await serve(t, () => t.fail('a request came'));
  const early = connect(url, QUICK);
  early.close();
  const inside = connect(url, { ...QUICK, onState: () => inside.close() });
  t.strictSame(await take(early, 1), []);
  t.strictSame(await take(inside, 1), []);
});

t.test('leaving the loop closes the connection', async (t) => {
  const { url, sockets } = await stuck(t);
  const before = timers();
  const { connection } = watch(t, `${url}sending`);
  await take(connection, 1);
  t.strictSame(connection.state, { status: 'closed' });
  await allGone(sockets, before);
});

t.test('nothing is delivered after close(), not even from the same chunk', async (t) => {
  const { url } = await stuck(t);
  const { connection, reached } = watch(t, `${url}sending`);
  const events: unknown[] = [];
  connection.on(({ data }) => {
    events.push(data);
    connection.close();
  });
  await reached('closed');
  t.strictSame(events, [1]);
});

t.test('nothing comes after closed, whenever it is closed', async (t) => {
  const body = 'event: connected\ndata: {"resume":"gap"}\n\ndata: 1\n\n';
  const send = async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  for (let turns = 0; turns < 40; turns++) {
    const { connection, states } = watch(t, 'http://127.0.0.1/', { fetch: send });
    for (let turn = 0; turn < turns; turn++) {
      await undefined;
    }
    connection.close();
    await new Promise((resolve) => setImmediate(resolve));
    t.equal(states.at(-1)?.status, 'closed', `after ${turns} turns`);
  }
});

t.test('close() in onResume leaves onGap uncalled', async (t) => {
  const { url } = await serveStreams(t, 'event: connected\ndata: {"resume":"gap"}\n\n');
  const onGap = () => t.fail('onGap was called');
  const connection = connect(url, { ...QUICK, onGap, onResume: () => connection.close() });
  await take(connection, 1);
});

t.test('closing takes its listener off the signal', async (t) => {
  const { url } = await stuck(t);
  const { signal } = new AbortController();
  let listening = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listening++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listening--;
    removeEventListener.apply(signal, args);
  };
  const { connection, reached } = watch(t, `${url}open`, { signal });
  await reached('open');
  t.equal(listening, 1);
  connection.close();
  await eventually(() => listening === 0);
});
