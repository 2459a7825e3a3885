import type { Test } from 'tap';
import { START } from '../../support/clock.js';
import type { Open } from '../contract.js';
import { event, publish } from './support.js';

const claim = { key: 'k', fingerprint: 'f' };

export async function claiming(t: Test, open: Open): Promise<void> {
  t.test('what was stored with a claim is found under its key', async (t) => {
    const { log } = await open(t, { receiptsMs: 60_000 });
    await publish(log, 'a');
    t.equal(log.receipt('k'), undefined);
    await log.append([event('b'), event('c')], claim);
    const { epoch } = log;
    const of = { epoch, first: 2, count: 2, stream: 'b', type: 'message', time: START };
    t.same(log.receipt('k'), { fingerprint: 'f', ...of });
    t.equal(log.receipt('other'), undefined);
  });

  t.test('it is found for its time, also when its events are gone, and not longer', async (t) => {
    const { log, clock } = await open(t, { receiptsMs: 60_000 });
    await log.append([event('a')], claim);
    await log.purge('a');
    await clock.advance(59_000);
    t.match(log.receipt('k'), { first: 1 });
    await clock.advance(2000);
    t.equal(log.receipt('k'), undefined);
    await log.append([event('a')], claim);
    t.match(log.receipt('k'), { first: 2 }, 'then the key is free again');
  });

  t.test('what was refused leaves no receipt', async (t) => {
    const { log } = await open(t, { streams: 1, receiptsMs: 60_000 });
    await publish(log, 'a');
    await t.rejects(log.append([event('b')], claim), { statusCode: 429, code: 'SLUICE_TOO_MANY_STREAMS' });
    t.equal(log.receipt('k'), undefined);
  });
}
