import t from 'tap';
import { eventually } from '../wire/serve.js';
import { QUICK, serveStreams, watch } from './support.js';

t.test('listeners get their type, or every event; those taken off get no more', async (t) => {
  const { url } = await serveStreams(
    t,
    'event: a\ndata: 1\n\nevent: b\ndata: 2\n\ndata: 3\n\n',
    'event: a\ndata: 4\n\n',
  );
  const { connection } = watch(t, url);
  const seen: string[] = [];
  const note = (name: string) => (event: { type: string; data: unknown }) => seen.push(`${name} ${event.data}`);
  const off = connection.on('a', note('a'));
  connection.on('message', note('message'));
  connection.on((event) => {
    note('all')(event);
    if (event.data === 3) {
      off();
      off();
    }
  });
  await eventually(() => seen.includes('all 4'));
  t.strictSame(seen, ['a 1', 'all 1', 'all 2', 'message 3', 'all 3', 'all 4']);
});

t.test('one function may listen twice, and each is taken off alone', async (t) => {
  const { url } = await serveStreams(t, 'data: 1\n\n', 'data: 2\n\n', '');
  const { connection } = watch(t, url);
  const seen: unknown[] = [];
  const listener = ({ data }: { data: unknown }) => {
    seen.push(data);
    off();
  };
  const off = connection.on('message', listener);
  connection.on('message', listener);
  await eventually(() => seen.includes(2));
  t.strictSame(seen, [1, 1, 2]);
});

t.test(
  'a listener that renews itself begins with the next event, and one taken off gets not even this one',
  async (t) => {
    const { url } = await serveStreams(t, 'data: 1\n\ndata: 2\n\n');
    const { connection } = watch(t, url);
    const seen: string[] = [];
    let off = () => {};
    const renewed = ({ data }: { data: unknown }) => {
      off();
      // A hundred times would be without end.
      if (seen.push(`renewed ${data}`) < 100) {
        off = connection.on('message', renewed);
      }
      offOther();
    };
    off = connection.on('message', renewed);
    const offOther = connection.on(({ data }) => seen.push(`other ${data}`));
    await eventually(() => seen.includes('renewed 2'));
    t.strictSame(seen, ['renewed 1', 'renewed 2']);
  },
);

t.test('who closes the connection keeps the event from those that come after', async (t) => {
  const { url } = await serveStreams(t, 'data: 1\n\n');
  const { connection, reached } = watch(t, url);
  const seen: unknown[] = [];
  connection.on('message', () => connection.close());
  connection.on(({ data }) => seen.push(data));
  await reached('closed');
  await new Promise((resolve) => setImmediate(resolve));
  t.strictSame(seen, []);
});

t.test('nothing is read before somebody is there to take it', async (t) => {
  const { url } = await serveStreams(t, 'data: early\n\n');
  const { connection, reached } = watch(t, url, { heartbeatMs: 10 });
  await reached('open');
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(connection.state.status, 'open', 'and that is not silence');
  const seen: unknown[] = [];
  connection.on(({ data }) => seen.push(data));
  await eventually(() => seen.length > 0);
  t.strictSame(seen, ['early']);
});

t.test('a listener that throws is reported, and stops neither the others nor the stream', async (t) => {
  const { url } = await serveStreams(t, 'data: 1\n\ndata: 2\n\n');
  const errors: unknown[] = [];
  const [own] = [process.listeners('uncaughtException')];
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => errors.push(error));
  t.teardown(() => {
    process.removeAllListeners('uncaughtException');
    for (const listener of own) {
      process.on('uncaughtException', listener);
    }
  });
  const { connection } = watch(t, url, QUICK);
  const seen: unknown[] = [];
  connection.on('message', ({ data }) => {
    throw new Error(`mistake ${data}`);
  });
  connection.on(({ data }) => seen.push(data));
  await eventually(() => errors.length === 2 && seen.length === 2);
  t.match(errors, [{ message: 'mistake 1' }, { message: 'mistake 2' }]);
  t.strictSame(seen, [1, 2]);
});
