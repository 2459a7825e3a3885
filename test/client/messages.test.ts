import t from 'tap';
import { createMessageReader } from '../../client/messages.js';

const HELLO = '{"type":"connected","data":{"resume":"fresh"}}';
const EVENT = '{"type":"x","stream":"s","data":1,"time":"now"}';

t.test('a first frame that names its type in its data makes envelopes of what follows', async (t) => {
  const read = createMessageReader();
  t.strictSame(read(undefined, HELLO), JSON.parse(HELLO));
  t.strictSame(read(undefined, EVENT), JSON.parse(EVENT));
  t.strictSame(read(undefined, 'from a proxy'), { type: 'message', data: 'from a proxy' });
});

t.test(
  'a first frame with a type of its own makes plain events of what follows, whatever they look like',
  async (t) => {
    for (const first of ['{"resume":"fresh"}', HELLO]) {
      const read = createMessageReader();
      t.strictSame(read('connected', first), { type: 'connected', data: JSON.parse(first) });
      t.strictSame(read(undefined, HELLO), { type: 'message', data: JSON.parse(HELLO) });
      t.strictSame(read(undefined, EVENT), { type: 'message', data: JSON.parse(EVENT) });
    }
  },
);

t.test('servers that do not greet are plain', async (t) => {
  const read = createMessageReader();
  t.strictSame(read(undefined, EVENT), { type: 'message', data: JSON.parse(EVENT) });
  t.strictSame(read(undefined, HELLO), { type: 'message', data: JSON.parse(HELLO) });
  t.strictSame(read('tick', 'null'), { type: 'tick', data: null });
});
