import t from 'tap';
import { build } from '../support/build.js';
import { turn } from '../support/clock.js';
import { dataOf, watch } from '../support/watch.js';

const post = (payload: unknown) => ({ method: 'POST', url: '/notify', payload: payload as object }) as const;

t.test('POST /notify publishes a notification with a unique number', async (t) => {
  const { app, clock } = await build(t);
  const { messages } = await watch(app, '/sse/notifications');
  const payload = { message: 'Disk is full', title: 'Storage', level: 'warning' };
  const response = await app.inject(post(payload));
  await app.inject(post({ message: 'again' }));
  await turn();
  t.equal(response.statusCode, 201);
  t.match(response.json(), { stream: 'notifications', type: 'notification', subscribers: 1, id: String, time: String });
  const [first, second] = messages.slice(1);
  t.equal(first?.event, 'notification');
  t.match(dataOf(first), { ...payload, timestamp: clock.now() });
  t.strictSame(Object.keys(dataOf(second)).sort(), ['id', 'message', 'timestamp']);
  t.not(dataOf(first).id, dataOf(second).id);
  t.type(dataOf(first).id, 'number');
});

t.test('POST /notify goes to another stream where one is named', async (t) => {
  const { app } = await build(t);
  const { messages } = await watch(app, '/sse/ops');
  const response = await app.inject(post({ message: 'hello', stream: 'ops' }));
  await turn();
  t.equal(response.json().stream, 'ops');
  t.strictSame(Object.keys(dataOf(messages[1])).sort(), ['id', 'message', 'timestamp']);
});

t.test('the title may be of any language, and have any emoji', async (t) => {
  const { app } = await build(t);
  for (const title of ['می\u200cخواهم', 'क्\u200dष', '👩\u200d👩\u200d👧', '🏳️\u200d🌈', '😀'.repeat(256)]) {
    const response = await app.inject(post({ message: 'a', title }));
    t.equal(response.statusCode, 201, title);
  }
});

t.test('POST /notify refuses what is no notification with 400', async (t) => {
  const { app } = await build(t);
  const bad = [
    {},
    { message: '' },
    { message: 5 },
    { message: null },
    { message: 'a', level: 'loud' },
    { message: 'a', title: 'two\nlines' },
    { message: 'a', stream: '*' },
    { message: 'a', typo: 1 },
    [],
  ];
  for (const payload of bad) {
    const response = await app.inject(post(payload));
    t.equal(response.statusCode, 400, JSON.stringify(payload));
    t.equal(response.json().code, 'FST_ERR_VALIDATION');
  }
  const empty = await app.inject({ method: 'POST', url: '/notify' });
  t.equal(empty.statusCode, 400);
  const text = await app.inject({ ...post('hello'), headers: { 'content-type': 'text/plain' } });
  t.equal(text.statusCode, 415);
});
