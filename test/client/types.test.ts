import t from 'tap';
import type { AnyEvent, Connection, ConnectOptions, EventOf, Expiring } from '../../client/index.js';
import { connect } from '../../client/index.js';
import { serveStreams, take, watch } from './support.js';

interface Stock {
  readonly price: string;
}

interface Shop {
  'stock-update': Stock;
  notification: { message: string };
}

/** Holds only when both types are the same; `tsc` is what runs this test. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

t.test('data is typed by the type of its event, in listeners and in loops', async (t) => {
  const { url } = await serveStreams(t, 'event: stock-update\ndata: {"price":"1.00"}\n\n');
  const connection: Connection<Shop> = connect<Shop>(url);
  t.teardown(() => connection.close());
  const prices: string[] = [];
  connection.on('stock-update', ({ data, type }) => {
    const isNamed: Same<typeof type, 'stock-update'> = true;
    prices.push(data.price, String(isNamed));
  });
  for await (const event of connection) {
    const isUnion: Same<typeof event, EventOf<'stock-update', Stock> | EventOf<'notification', { message: string }>> =
      true;
    prices.push(event.type === 'stock-update' ? event.data.price : event.data.message, String(isUnion));
    break;
  }
  t.strictSame(prices, ['1.00', 'true', '1.00', 'true']);
});

t.test('without types every event is of a text type and unknown data', async (t) => {
  const { url } = await serveStreams(t, 'data: 1\n\n');
  const { connection } = watch(t, url);
  const isPlain: Same<AnyEvent, EventOf<string, unknown>> = true;
  for await (const { data } of connection) {
    const isUnknown: Same<typeof data, unknown> = true;
    t.ok(isPlain && isUnknown);
    break;
  }
});

t.test('what is about to expire is typed, and how cookies go along', async (t) => {
  const options: ConnectOptions = {
    credentials: 'include',
    onExpiring: (expiring) => {
      const isTyped: Same<typeof expiring, Expiring> = true;
      told.push(isTyped, expiring.message.length, expiring.expires + 1);
    },
  };
  const told: unknown[] = [];
  const { url } = await serveStreams(t, 'event: expiring\ndata: {"message":"soon","expires":1}\n\ndata: 1\n\n');
  await take(watch(t, url, options).connection, 1);
  t.strictSame(told, [true, 4, 2]);
});

t.test('an option that is undefined is as good as none', async (t) => {
  const { url } = await serveStreams(t, 'id: 1\ndata: 1\n\n');
  const none: Required<{ [Key in keyof ConnectOptions]: undefined }> = {
    headers: undefined,
    signal: undefined,
    credentials: undefined,
    fetch: undefined,
    lastEventId: undefined,
    retryMs: undefined,
    maxRetryMs: undefined,
    heartbeatMs: undefined,
    maxQueued: undefined,
    onState: undefined,
    onResume: undefined,
    onGap: undefined,
    onExpiring: undefined,
  };
  const connection = connect(url, none);
  t.teardown(() => connection.close());
  t.match(await take(connection, 1), [{ data: 1, id: '1' }]);
});
