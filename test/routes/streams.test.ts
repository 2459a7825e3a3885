import t from 'tap';
import { build } from '../support/build.js';
import { watch } from '../support/watch.js';

t.test('GET /streams tells watchers and what is retained of each stream, watched-only ones too', async (t) => {
  const { app } = await build(t);
  const { id } = await app.bus.publish({ stream: 'b', data: 'hello' });
  await watch(app, '/events?streams=a,b');
  await watch(app, '/events?streams=*');
  const response = await app.inject('/streams');
  t.equal(response.statusCode, 200);
  t.equal(response.headers['cache-control'], 'no-store');
  const [a, b] = response.json().streams;
  t.strictSame(a, { stream: 'a', watchers: 2, cursor: null, events: 0, bytes: 0, oldest: null });
  t.match(b, { stream: 'b', watchers: 2, cursor: id, events: 1, bytes: Number, oldest: '2026-01-01T00:00:00.000Z' });
  t.ok(b.bytes > 0);
  t.notHas(response.json(), 'next');
});

t.test('GET /streams pages by name, without a gap or a repetition', async (t) => {
  const { app } = await build(t);
  const names = Array.from({ length: 25 }, (_, i) => `s${String(i).padStart(2, '0')}`);
  for (const stream of names.filter((_, i) => i % 2 === 0)) {
    await app.bus.publish({ stream, data: 1 });
  }
  const odd = names.filter((_, i) => i % 2 === 1);
  await watch(app, `/events?streams=${odd.join(',')}`);
  const seen: string[] = [];
  let next = '';
  let pages = 0;
  do {
    const page = (await app.inject(`/streams?prefix=s&limit=10&after=${next}`)).json();
    seen.push(...page.streams.map(({ stream }: { stream: string }) => stream));
    next = page.next;
    pages++;
  } while (next !== undefined);
  t.strictSame(seen, names);
  t.equal(pages, 3);
});

t.test('GET /streams pages through many more watched names than a page has, with published ones between', async (t) => {
  const { app } = await build(t);
  const names = Array.from({ length: 400 }, (_, i) => `s.${String(i).padStart(3, '0')}`);
  const published = names.filter((_, i) => i % 3 === 0);
  await app.bus.publishBatch(published.map((stream) => ({ stream, data: 1 })));
  const watched = names.filter((_, i) => i % 3 !== 0 || i > 350);
  for (let from = 0; from < watched.length; from += 90) {
    const some = watched.slice(from, from + 90).reverse();
    await watch(app, `/events?streams=${some.join(',')},other.${from}`);
  }
  const seen: { stream: string; events: number; watchers: number }[] = [];
  let next = '';
  do {
    const page = (await app.inject(`/streams?prefix=s.&limit=7&after=${next}`)).json();
    seen.push(...page.streams);
    next = page.next;
    t.equal(page.streams.length, next === undefined ? 1 : 7);
  } while (next !== undefined);
  const namesOf = (some: typeof seen) => some.map(({ stream }) => stream);
  t.strictSame(namesOf(seen), names);
  t.strictSame(namesOf(seen.filter(({ events }) => events === 1)), published);
  t.strictSame(namesOf(seen.filter(({ watchers }) => watchers === 1)), watched);
});

t.test('GET /streams asks the log for the times of those on the page, and of no others', async (t) => {
  const { app } = await build(t);
  await app.bus.publishBatch(['a', 'b', 'c', 'd'].map((stream) => ({ stream, data: 1 })));
  const { log } = app.bus;
  const asked = t.capture(log, 'oldestTime', log.oldestTime);
  const page = await app.inject('/streams?after=a&limit=2');
  t.strictSame(
    page.json().streams.map(({ oldest }: { oldest: string }) => oldest),
    ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'],
  );
  t.strictSame(
    asked().map(({ args }) => args),
    [['b'], ['c']],
  );
});

t.test('GET /streams asks the log for no pattern behind the end of the page', async (t) => {
  const access = { auth: 'on', authJwtSecret: 's'.repeat(32), authAnonymousSubscribe: 'a.*,b.*,c.*' } as const;
  const { app } = await build(t, access);
  await app.bus.publishBatch(['a.1', 'a.2', 'b.1', 'c.1'].map((stream) => ({ stream, data: 1 })));
  const { streams } = app.bus.log;
  const asked = t.capture(streams, 'list', streams.list);
  t.equal((await app.inject('/streams?limit=1')).json().next, 'a.1');
  t.strictSame(
    asked().map(({ args: [prefix] }) => prefix),
    ['a.'],
  );
});

t.test('GET /streams gives at most 100 a page and only names with the prefix', async (t) => {
  const { app } = await build(t);
  const events = Array.from({ length: 150 }, (_, i) => ({ stream: `a.${i}`, data: 1 }));
  await app.bus.publishBatch([...events, { stream: 'b', data: 1 }]);
  t.equal((await app.inject('/streams')).json().streams.length, 100);
  t.strictSame((await app.inject('/streams?prefix=b')).json().streams.length, 1);
  t.strictSame((await app.inject('/streams?prefix=c')).json(), { streams: [] });
  t.strictSame((await app.inject('/streams?after=b')).json(), { streams: [] });
  for (const query of [
    'limit=0',
    'limit=101',
    'limit=abc',
    'limit=',
    `prefix=${'x'.repeat(129)}`,
    'prefix=a&prefix=b',
  ]) {
    t.equal((await app.inject(`/streams?${query}`)).statusCode, 400, query);
  }
});
