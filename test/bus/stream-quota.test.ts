import t from 'tap';
import { StreamQuota } from '../../src/bus/stream-quota.js';

const TOO_MANY = { code: 'SLUICE_TOO_MANY_STREAMS', statusCode: 429 };

/** A quota over streams that have events once they were admitted, until they are taken out of `held`. */
function createQuota(limit: number) {
  const held = new Set<string>();
  const quota = new StreamQuota(limit, (stream) => held.has(stream));
  const begin = (publisher: string, stream: string) => {
    quota.admit(publisher, stream);
    held.add(stream);
  };
  return { held, begin };
}

t.test('a publisher begins as many streams as it may; those that others have begun do not count', async (t) => {
  const { begin } = createQuota(2);
  begin('a', 'one');
  begin('a', 'two');
  t.throws(() => begin('a', 'three'), TOO_MANY);
  begin('a', 'one');
  begin('b', 'three');
  begin('a', 'three');
  t.throws(() => begin('a', 'four'), TOO_MANY);
});

t.test('a stream without events gives its place back, however many others were begun before it', async (t) => {
  const { held, begin } = createQuota(1000);
  for (let i = 0; i < 1000; i++) {
    begin('a', `stream-${i}`);
  }
  held.delete('stream-900');
  let refused = 0;
  for (let isIn = false; !isIn; ) {
    try {
      begin('a', 'late');
      isIn = true;
    } catch {
      refused++;
    }
  }
  t.ok(refused < 1000 / 64, `after ${refused} refusals, each of which looked at a few`);
  t.throws(() => begin('a', 'later'), TOO_MANY);
});

t.test('what was refused or never stored takes no place', async (t) => {
  const held = new Set<string>();
  const quota = new StreamQuota(2, (stream) => held.has(stream));
  for (let i = 0; i < 100; i++) {
    t.doesNotThrow(() => quota.admit('a', `never-stored-${i}`));
  }
});

t.test('without a limit nothing is remembered or looked at', async (t) => {
  const quota = new StreamQuota(0, () => {
    throw new Error('looked at');
  });
  t.doesNotThrow(() => quota.admit('a', 'one'));
});

t.test('a thousand publishers are remembered; the one that has begun nothing for longest begins anew', async (t) => {
  const { begin } = createQuota(1);
  for (let i = 0; i < 1000; i++) {
    begin(`publisher-${i}`, `stream-${i}`);
  }
  t.throws(() => begin('publisher-0', 'more'), TOO_MANY);
  begin('another', 'another');
  t.doesNotThrow(() => begin('publisher-1', 'more'));
});
