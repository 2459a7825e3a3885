import { all } from '../contenders.js';
import { accept, acceptAgain, crowdCpu, memory } from '../metrics.js';
import { withSession } from '../session.js';
import { complete, IN_FLIGHT, type Measure, microsecondsEach } from './measure.js';

/** What the large audience costs: to take in, to keep, to serve. */
export const crowd: Measure = {
  name: 'crowd',
  contenders: all,
  async run(contender, { crowd: watchers, seconds, warmUp, idleSeconds }, figures) {
    const { name } = contender;
    await withSession(contender, { watchers }, async ({ call, connected, connectAgain }) => {
      figures.add(accept, name, (connected.cpuSeconds * 1e6) / watchers);
      await call('hold', { seconds: idleSeconds });
      figures.add(memory, name, ((await call('memory')) - connected.pssBeforeKb) / watchers);
      await call('closed', { seconds: warmUp, window: 1, inFlight: IN_FLIGHT });
      const result = complete(await call('closed', { seconds, window: 1, inFlight: IN_FLIGHT }));
      figures.add(crowdCpu, name, microsecondsEach(result, result.delivered), result);
      // V8 is still compiling while the second crowd comes.
      await connectAgain(idleSeconds);
      const again = await connectAgain(idleSeconds);
      figures.add(acceptAgain, name, (again.cpuSeconds * 1e6) / watchers);
    });
  },
};
