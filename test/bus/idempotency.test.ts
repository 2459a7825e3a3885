import t from 'tap';
import { parseSelection } from '../../src/events/selection.js';
import { createHub } from '../support/hub.js';

const claim = { key: 'k', fingerprint: 'f' };
const event = { stream: 'a', data: 1 };

t.test('a repetition publishes nothing and is answered alike, but for the subscribers', async (t) => {
  const { bus, log } = createHub();
  const { subscribers, ...first } = await bus.publish(event, { claim });
  t.equal(subscribers, 0);
  t.same(await bus.publish(event, { claim }), first);
  t.equal(log.head, 1);
  await bus.publish(event, { claim: { ...claim, key: 'other' } });
  await bus.publish(event);
  t.equal(log.head, 3);
});

t.test('a batch too', async (t) => {
  const { bus, log } = createHub();
  const { subscribers, ...first } = await bus.publishBatch([event, event], { claim });
  t.equal(subscribers, 0);
  t.same(await bus.publishBatch([event, event], { claim }), first);
  t.equal(log.head, 2);
});

t.test('repetitions at the same time publish once', async (t) => {
  const { bus, log } = createHub();
  const published = await Promise.all(Array.from({ length: 10 }, () => bus.publish(event, { claim })));
  t.equal(log.head, 1);
  t.equal(new Set(published.map(({ id }) => id)).size, 1);
  t.equal(published.filter(({ subscribers }) => subscribers !== undefined).length, 1);
});

t.test('the same key for something else is refused', async (t) => {
  const { bus, log } = createHub();
  await bus.publish(event, { claim });
  await t.rejects(bus.publish(event, { claim: { ...claim, fingerprint: 'other' } }), {
    statusCode: 422,
    code: 'SLUICE_IDEMPOTENCY_MISMATCH',
  });
  t.equal(log.head, 1);
});

t.test('what failed may be tried again with the same key', async (t) => {
  const { bus, log } = createHub({ retention: { streams: 1 } });
  await bus.publish({ stream: 'other', data: 1 });
  const refused = { statusCode: 429, code: 'SLUICE_TOO_MANY_STREAMS' };
  await Promise.all([1, 2, 3].map(() => t.rejects(bus.publish(event, { claim }), refused)));
  await bus.purge('other');
  await bus.publish(event, { claim });
  const { events } = await log.read(parseSelection('*'), 0, 1000);
  t.same(
    events.map(({ stream }) => stream),
    ['a'],
    'once',
  );
});

t.test('what is no claim is refused before the log gets it', async (t) => {
  const { bus, log } = createHub();
  const refused = { statusCode: 400, code: 'SLUICE_INVALID_IDEMPOTENCY_KEY' };
  for (const bad of [
    { key: '' },
    { key: 'k'.repeat(256) },
    { key: 1 },
    { key: '\ud800' },
    { fingerprint: undefined },
    { fingerprint: 1n },
  ]) {
    await t.rejects(bus.publish(event, { claim: { ...claim, ...bad } as typeof claim }), refused);
  }
  await bus.publish(event, { claim: { ...claim, key: 'k'.repeat(255) } });
  t.equal(log.head, 1);
});
