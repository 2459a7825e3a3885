import t from 'tap';
import { connect, readBody, request } from '../support/raw-client.js';
import { eventually, serve } from '../wire/serve.js';
import { cutOff, flock } from './flock.js';

const LIMIT = 50;

t.test('one more than MAX_CONNECTIONS is refused in the stream, and comes in when there is room', async (t) => {
  const { app, port } = await serve(t, { maxConnections: LIMIT });
  const watchers = flock(t, port, LIMIT);
  await eventually(() => watchers.every(({ verdict }) => verdict === 'fresh'));

  const refused = await connect(t, port, request('GET /sse/load'));
  t.equal(await refused.ending, 'fin');
  t.match(refused.text, /^HTTP\/1\.1 200 /, 'any other status would make an EventSource give up');
  const { messages, retries, cursor } = readBody(refused.text);
  const [refusal, ...others] = messages;
  t.match(refusal, { event: 'refused', data: /SLUICE_TOO_MANY_CONNECTIONS/ });
  t.strictSame(others, []);
  t.equal(retries.length, 1, 'it is told when to come back');
  t.equal(cursor, undefined, 'and keeps its cursor');
  t.equal(app.streams.size, LIMIT, 'the others stay');

  cutOff(watchers.slice(0, 1));
  await eventually(() => app.streams.size < LIMIT);
  const [again] = flock(t, port, 1);
  await eventually(() => again?.verdict === 'fresh');
  t.equal(app.streams.refused.SLUICE_TOO_MANY_CONNECTIONS, 1);
});
