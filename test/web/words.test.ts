import t from 'tap';
import { StreamError } from '../../client/index.js';
import { describeLink } from '../../web/src/hub/words.js';

const stopped = (message: string, status: number) => {
  const error = new StreamError('status', message, { status });
  return describeLink({ state: { status: 'closed', error }, since: 0 }, false);
};

t.test('it asks for another request only where the request is wrong', async (t) => {
  t.match(stopped('no such name', 400).next, 'No such name. It will not try again: change the request first.');
  t.match(stopped('not here', 404).next, 'Not here. It does not try again by itself.');
});

t.test('an interruption is told once, and promises no more than it holds', async (t) => {
  for (const code of ['network', 'ended'] as const) {
    const reason = { code, message: 'the server ended the stream' };
    const { next } = describeLink({ state: { status: 'waiting', reason, delayMs: 0 }, since: 0 }, false);
    t.equal(next, 'It comes back by itself and tells whether anything is missing.');
  }
});

t.test('a URL at the beginning stays as it is', async (t) => {
  t.match(stopped('https://hub/events is no event stream', 200).next, /^https:/);
});
