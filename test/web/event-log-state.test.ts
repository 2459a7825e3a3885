import t from 'tap';
import type { Received } from '../../web/src/connection/link.js';
import { filterEvents } from '../../web/src/streams/event-log-state.js';

const event = (key: number, data: unknown): Received => ({ key, at: 0, id: `epoch.${key}`, type: 'message', data });

t.test('the filter matches the data as it is shown and as it was sent', async (t) => {
  const events = [
    event(1, { n: 150 }),
    event(2, { n: 7, note: 'a note that is long enough to be indented, and so it is' }),
  ];
  const keys = (text: string) => filterEvents(events, text).map(({ key }) => key);
  t.same(keys('"N": 150'), [1]);
  t.same(keys('{ "n": 150 }'), [1]);
  t.same(keys('"n":150'), [1]);
  t.same(keys('"n": 7'), [2]);
  t.same(keys('nothing like this'), []);
});

t.test('an event is written out for the filter once, however often it is asked', async (t) => {
  let written = 0;
  const toJSON = () => {
    written++;
    return 'text';
  };
  const events = [event(1, { toJSON })];
  filterEvents(events, 'a');
  const once = written;
  filterEvents(events, 'ab');
  t.equal(written, once);
});
