import type { Client } from '../../client/spawn.js';
import { all } from '../contenders.js';
import type { Figures } from '../figures.js';
import { cpu, cpuAt, latency, throughput } from '../metrics.js';
import { withSession } from '../session.js';
import { complete, IN_FLIGHT, isSustained, type Measure, microsecondsEach, OVERLOAD_MS } from './measure.js';

/** What a delivery costs, and how long it takes, with the small audience. */
export const delivery: Measure = {
  name: 'delivery',
  contenders: all,
  async run(contender, { watchers, seconds, warmUp, rates }, figures) {
    const { name } = contender;
    await withSession(contender, { watchers }, async ({ call }) => {
      await call('closed', { seconds: warmUp, window: 1, inFlight: IN_FLIGHT });
      const alone = complete(await call('closed', { seconds, window: 1, inFlight: IN_FLIGHT }));
      figures.add(cpu, name, microsecondsEach(alone, alone.delivered), alone);
      const joined = await call('closed', { seconds, window: 16, inFlight: IN_FLIGHT });
      figures.add(throughput, name, joined.delivered / joined.seconds, joined);
      for (const rate of rates) {
        await atRate(name, call, figures, seconds, rate);
      }
    });
  },
};

async function atRate(name: string, call: Client['call'], figures: Figures, seconds: number, rate: number) {
  const result = await call('rate', { seconds, rate, limitMs: OVERLOAD_MS });
  if (isSustained(result)) {
    const { clientBusy } = result;
    figures.add(cpuAt, name, microsecondsEach(result, result.delivered), { x: rate, clientBusy });
    figures.add(latency, name, result.p99Ms, { x: rate, clientBusy });
  }
}
