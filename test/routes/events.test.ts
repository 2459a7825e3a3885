import type { EventSourceMessage } from 'eventsource-parser';
import t from 'tap';
import { build } from '../support/build.js';
import { turn } from '../support/clock.js';
import { dataOf, watch } from '../support/watch.js';

const NDJSON = { 'content-type': 'application/x-ndjson' };
const JSON_TYPE = { 'content-type': 'application/json' };

/** The streams that a watcher is told it gets. */
const streamsOf = ([connected]: EventSourceMessage[]) =>
  dataOf<{ data: { streams: string[] } }>(connected).data.streams;

t.test('GET /events sends many streams in envelopes without an event name', async (t) => {
  const { app } = await build(t);
  const { messages } = await watch(app, '/events?streams=b,a,orders.*');
  await app.bus.publish({ stream: 'a', data: 'one\ntwo' });
  await app.bus.publish({ stream: 'orders.eu.north', type: 'created', data: { n: 1 } });
  await app.bus.publish({ stream: 'orders', data: 'not wanted' });
  await turn();
  const [connected, ...events] = messages;
  const greeting = dataOf<{ type: string; data: Record<string, unknown> }>(connected);
  t.equal(greeting.type, 'connected');
  t.strictSame(greeting.data.streams, ['a', 'b', 'orders.*']);
  t.equal(connected?.id, greeting.data.cursor);
  const time = '2026-01-01T00:00:00.000Z';
  t.strictSame(events.map(dataOf), [
    { type: 'message', stream: 'a', data: 'one\ntwo', time },
    { type: 'created', stream: 'orders.eu.north', data: { n: 1 }, time },
  ]);
  t.ok(events.every(({ event, id }) => event === undefined && id !== undefined));
});

t.test('GET /events without streams= watches DEFAULT_STREAMS', async (t) => {
  const { app } = await build(t, { defaultStreams: 'a,b' });
  const { messages } = await watch(app, '/events');
  t.strictSame(streamsOf(messages), ['a', 'b']);
});

t.test('GET /events refuses an empty, malformed, repeated or too long selection with 400', async (t) => {
  const { app } = await build(t);
  const names = (count: number) => Array.from({ length: count }, (_, i) => `s${i}`).join(',');
  const bad = ['', ',', 'a,', 'a,,b', 'a b', '**', 'a*', '*.a', 'a.*.b', '.', '%00', 'a%0a', 'a%252Cb', names(101)];
  for (const streams of bad) {
    const response = await app.inject(`/events?streams=${streams}`);
    t.equal(response.statusCode, 400, streams);
    t.match(response.json(), { code: 'SLUICE_INVALID_SELECTION', message: String }, streams);
  }
  const repeated = await app.inject('/events?streams=a&streams=b');
  t.equal(repeated.statusCode, 400);
  const most = await watch(app, `/events?streams=${names(100)}`);
  t.equal(most.statusCode, 200);
  const encoded = await watch(app, '/events?streams=%61%2Cb');
  t.strictSame(streamsOf(encoded.messages), ['a', 'b']);
});

t.test('a cursor in a parameter as others spell it is 400, rather than passed over with what was missed', async (t) => {
  const { app } = await build(t);
  for (const url of ['/events', '/sse/a', '/stream']) {
    for (const name of ['lastEventID', 'last_event_id', 'last-event-id', 'lasteventid', 'Last-Event-ID']) {
      const response = await app.inject(`${url}?${name}=x`);
      t.equal(response.statusCode, 400, name);
      t.match(response.json(), {
        code: 'SLUICE_BAD_REQUEST',
        message: new RegExp(`parameter ${name}: .+lastEventId$`),
      });
    }
  }
});

t.test('a cursor comes from Last-Event-ID, else from ?lastEventId=; an empty one is none', async (t) => {
  const { app } = await build(t);
  const first = await app.bus.publish({ stream: 'a', data: 1 });
  const second = await app.bus.publish({ stream: 'a', data: 2 });
  const resumeOf = async (query: string, headers = {}) => {
    const { messages } = await watch(app, `/events?streams=a${query}`, headers);
    const [connected, ...events] = messages.map((message) => dataOf<{ data: Record<string, unknown> }>(message));
    return [connected?.data.resume, connected?.data.reason, ...events.map(({ data }) => data)];
  };
  t.strictSame(await resumeOf('', { 'last-event-id': first.id }), ['exact', undefined, 2]);
  t.strictSame(await resumeOf(`&lastEventId=${first.id}`), ['exact', undefined, 2]);
  t.strictSame(await resumeOf(`&lastEventId=${first.id}`, { 'last-event-id': second.id }), ['exact', undefined]);
  t.strictSame(await resumeOf(`&lastEventId=${first.id}`, { 'last-event-id': '' }), ['exact', undefined, 2]);
  t.strictSame(await resumeOf('&lastEventId=', { 'last-event-id': '' }), ['fresh', undefined]);
  t.strictSame(await resumeOf('&lastEventId=nonsense'), ['gap', 'malformed']);
  t.strictSame(await resumeOf('', { 'last-event-id': 'x'.repeat(3000) }), ['gap', 'malformed']);
  t.strictSame(await resumeOf('', { 'last-event-id': 'AAAAAAAAAAA.1' }), ['gap', 'epoch']);
  t.strictSame(await resumeOf('', { 'last-event-id': `${first.id.split('.')[0]}.999` }), ['gap', 'ahead']);
  t.strictSame(
    await resumeOf('&last=1', { 'last-event-id': first.id }),
    ['exact', undefined, 2],
    'a cursor wins over last',
  );
});

t.test('POST /events publishes a JSON array or NDJSON in order', async (t) => {
  const { app } = await build(t);
  const { messages } = await watch(app, '/events?streams=a,b');
  const events = [
    { stream: 'a', data: 1 },
    { stream: 'b', type: 'created', data: { n: 2 } },
    { stream: 'a', data: null },
  ];
  const lines = events.map((event) => JSON.stringify(event));
  const bodies: [Record<string, string>, string][] = [
    [JSON_TYPE, JSON.stringify(events)],
    [NDJSON, lines.join('\n')],
    [NDJSON, `${lines.join('\n')}\n`],
    [NDJSON, `${lines.join('\r\n')}\r\n`],
  ];
  const ids: string[] = [];
  for (const [headers, payload] of bodies) {
    const response = await app.inject({ method: 'POST', url: '/events', headers, payload });
    t.equal(response.statusCode, 201);
    t.equal(response.json().subscribers, 1);
    ids.push(...response.json().ids);
  }
  await turn();
  t.strictSame(
    messages.slice(1).map(({ id }) => id),
    ids,
  );
  t.strictSame(
    messages.slice(-3).map((message) => dataOf(message).data),
    [1, { n: 2 }, null],
  );
});

t.test('a bad batch is refused as a whole and its first bad member is named', async (t) => {
  const { app } = await build(t, { maxBatchEvents: 3, maxEventBytes: 20 });
  const good = '{"stream":"a","data":1}';
  const bodies: [Record<string, string>, string, number, RegExp][] = [
    [JSON_TYPE, '[]', 400, /no events/],
    [JSON_TYPE, 'null', 400, /./],
    [JSON_TYPE, '', 400, /empty/],
    [JSON_TYPE, good, 400, /^body must be an array, even of a single event$/],
    [JSON_TYPE, `[${good},{"stream":"b"}]`, 400, /body\/1/],
    [JSON_TYPE, `[${good},{"data":1}]`, 400, /body\/1/],
    [JSON_TYPE, `[${good},{"stream":"b","data":1,"typo":1}]`, 400, /body\/1/],
    [JSON_TYPE, `[${good},{"stream":"*","data":1}]`, 400, /body\/1\/stream/],
    [JSON_TYPE, `[${good},{"stream":5,"data":1}]`, 400, /body\/1\/stream/],
    [JSON_TYPE, `[${good},{"stream":"a","type":"a\\nb","data":1}]`, 400, /body\/1\/type/],
    [JSON_TYPE, `[${good},null]`, 400, /body\/1/],
    [JSON_TYPE, `[${good},{"stream":"a","type":"heartbeat","data":1}]`, 400, /event 1/],
    [JSON_TYPE, `[${good},{"stream":"a","data":"${'x'.repeat(21)}"}]`, 413, /event 1/],
    [JSON_TYPE, `[${good},{"stream":"a","data":["],",9007199254740993]}]`, 400, /^event 1: an integer beyond/],
    [JSON_TYPE, `[${good},{"stream":"a","data":1e999},2]`, 400, /^event 1: a number beyond/],
    [JSON_TYPE, `[ ${good} , {"__proto__":1} ]`, 400, /^event 1: not valid JSON/],
    [JSON_TYPE, `[${good},{"stream":"a","data":${'['.repeat(70)}${']'.repeat(70)}}]`, 400, /^event 1: JSON is nested/],
    [JSON_TYPE, `[${good},{"stream" "a"}]`, 400, /^event 1: not valid JSON/],
    [JSON_TYPE, `[${good},]`, 400, /^not valid JSON/],
    [JSON_TYPE, '{"stream":"a","data":9007199254740993}', 400, /^an integer beyond/],
    [JSON_TYPE, '{"stream":"a","data":[1,}', 400, /^not valid JSON/],
    [JSON_TYPE, `[${good},{"stream":"a"`, 400, /^not valid JSON/],
    [JSON_TYPE, `[${good},${good},${good},${good}]`, 413, /4 events/],
    [NDJSON, '', 400, /./],
    [NDJSON, `${good}\n{"stream":`, 400, /line 2/],
    [NDJSON, `${good}\n\n${good}`, 400, /^line 2: the line is empty$/],
    [NDJSON, `${good}\n{"stream":"b","data":1} x`, 400, /line 2/],
    [NDJSON, `${good}\n{"stream":"b"}`, 400, /^line 2: must have/],
    [{ 'content-type': 'Application/X-NDJSON' }, `${good}\n{"stream":"b"}`, 400, /^line 2: must have/],
    [NDJSON, `${good}\n${good}\n${good}\n${good}`, 413, /4 events/],
  ];
  for (const [headers, payload, statusCode, message] of bodies) {
    const response = await app.inject({ method: 'POST', url: '/events', headers, payload });
    t.equal(response.statusCode, statusCode, payload);
    t.match(response.json(), { statusCode, code: String, message }, payload);
  }
  t.equal(app.bus.log.head, 0, 'nothing of any of them was published');
});

t.test('too many events are refused by their number, before any of them is looked at', async (t) => {
  const { app } = await build(t, { maxBatchEvents: 3 });
  const expected = {
    statusCode: 413,
    code: 'SLUICE_BATCH_TOO_LARGE',
    message: 'the batch has 4 events, more than the 3 allowed',
  };
  for (const [headers, payload] of [
    [NDJSON, '{\n{\n{\n{'],
    [NDJSON, '\n\n\n\n'],
    [NDJSON, '{\r\n{\r\n{\r\n{\r\n'],
    [JSON_TYPE, '[1,2,3,4]'],
    [JSON_TYPE, ' [{"a":[1,2]},{"b":",]"},[3,4],{]'],
  ] as const) {
    const response = await app.inject({ method: 'POST', url: '/events', headers, payload });
    t.match(response.json(), expected, payload);
  }
  const { statusCode } = await app.inject({ method: 'POST', url: '/events', headers: NDJSON, payload: '1\n2\n3\n' });
  t.equal(statusCode, 400, 'as many as are allowed are looked at');
});

t.test('POST /events takes no text, and at most MAX_BATCH_BYTES', async (t) => {
  const { app } = await build(t, { maxBatchBytes: 100 });
  const text = await app.inject({
    method: 'POST',
    url: '/events',
    headers: { 'content-type': 'text/plain' },
    payload: 'x',
  });
  t.equal(text.statusCode, 415);
  const payload = JSON.stringify([{ stream: 'a', data: 'x'.repeat(100) }]);
  const large = await app.inject({ method: 'POST', url: '/events', headers: JSON_TYPE, payload });
  t.equal(large.statusCode, 413);
});
