import t from 'tap';
import { startServer } from '../server/process.js';
import { eventually } from '../wire/serve.js';
import { cutOff, flock, KeptConnection, range } from './flock.js';

const WATCHERS = 3000;
const MISSED = 100;

t.test(
  'thousands come back at once, each far behind: all exact, nothing lost or doubled, other requests answered',
  async (t) => {
    const { port, url } = await startServer(t, { DEMO: 'false', LOG: 'memory' });
    const other = await KeptConnection.open(t, port);
    const before = flock(t, port, WATCHERS);
    await eventually(() => before.every(({ verdict }) => verdict === 'fresh'));
    cutOff(before);
    const events = range(1, MISSED).map((n) => ({ stream: 'load', data: { n } }));
    const headers = { 'content-type': 'application/json' };
    const { status } = await fetch(`${url}/events`, { method: 'POST', headers, body: JSON.stringify(events) });
    t.equal(status, 201);

    const back = flock(
      t,
      port,
      WATCHERS,
      before.map(({ cursor }) => cursor),
    );
    const isServed = () => back.every(({ positions }) => positions.length >= MISSED);
    const answers: string[] = [];
    while (!isServed()) {
      const answer = await other.send('GET /livez');
      answers.push(isServed() ? 'too late' : answer.slice(9, 12));
    }
    t.ok(answers.includes('200'), 'answered before the last of them was served');
    t.notOk(answers.some((answer) => /^[45]/.test(answer)));
    t.equal(back.filter(({ verdict }) => verdict === 'exact').length, WATCHERS);

    const last = await fetch(`${url}/sse/load`, { method: 'POST', headers, body: '{"n":0}' });
    t.equal(last.status, 201);
    await eventually(() => back.every(({ positions }) => positions.at(-1) === MISSED + 1));
    const expected = `${range(1, MISSED + 1)}`;
    t.equal(back.filter(({ positions }) => `${positions}` === expected).length, WATCHERS, 'and all are live');
  },
);
