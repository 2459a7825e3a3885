import t from 'tap';
import { torture } from './history.js';

const ROUNDS = 10;
const ROUNDS_EACH = 5;

t.test('a server killed under load loses nothing, stores nothing twice and tells no watcher a lie', async (t) => {
  const report = await torture(t.testdir(), 'tap', ROUNDS, ROUNDS_EACH);
  t.strictSame(report.complaints, []);
  t.equal(report.rounds, ROUNDS);
  t.ok(report.events > 100, `${report.events} events`);
  t.ok(report.exact > ROUNDS, `${report.exact} exact returns`);
});
