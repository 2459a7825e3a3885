import t from 'tap';
import type { Contender } from '../../bench/fan-out/contenders.js';
import { withSession } from '../../bench/fan-out/session.js';
import { startChild } from '../../bench/support/child.js';

const LISTENING = "console.log('http://127.0.0.1:1');";
const childrenOf = () => process.getActiveResourcesInfo().filter((kind) => kind === 'ProcessWrap').length;

t.test('where no server starts, no client stays', async (t) => {
  const start = () => Promise.reject(new Error('no server'));
  const contender: Contender = { name: 'none', watch: '/', publish: '/', start };
  const use = async () => t.fail('there is nothing to use');
  await t.rejects(withSession(contender, { watchers: 1 }, use), { message: 'no server' });
  t.equal(childrenOf(), 0);
});

t.test('a server that has died before is stopped already', async (t) => {
  for (const end of ["process.kill(process.pid, 'SIGKILL')", 'process.exit(1)']) {
    const { stop, pid } = await startChild(['-e', `${LISTENING} setTimeout(() => ${end}, 1)`], {});
    while (childrenOf() > 0) {
      await new Promise(setImmediate);
    }
    t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    await stop();
  }
});

t.test('a server that goes on is stopped', async (t) => {
  const { stop, pid } = await startChild(['-e', `${LISTENING} setInterval(() => {}, 1e6)`], {});
  await stop();
  t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});
