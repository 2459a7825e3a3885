import type { Audience, LoadResult } from '../../client/protocol.js';
import { bare, type Contender, hubs, loop, pair } from '../contenders.js';
import { publishCpu, publishCpuToFew, publishes, publishP99 } from '../metrics.js';
import { withSession } from '../session.js';
import type { Sizes } from '../sizes.js';
import { atEach, complete, type Measure, microsecondsEach } from './measure.js';

const OUTSTANDING = 16;

/** Many streams with one watcher each, beside a server that only takes the POST. */
export const streams: Measure = {
  name: 'streams',
  contenders: [...hubs, loop, bare],
  async run(contender, sizes, figures) {
    const { name } = contender;
    await atEach(
      sizes.streams.map((x) => ({ x })),
      async ({ x }) => {
        const audience = { watchers: contender === bare ? 0 : x, streams: x };
        const all = await publish(contender, sizes, audience);
        const { clientBusy } = all;
        figures.add(publishes, name, all.published / all.seconds, { x, clientBusy });
        figures.add(publishP99, name, all.publishP99Ms, { x, clientBusy });
        figures.add(publishCpu, name, microsecondsEach(all, all.published), { x, clientBusy });
        if ([...pair, loop].includes(contender)) {
          // The same sockets again and again: what is left is the cost of there being others.
          const few = await publish(contender, sizes, { ...audience, busy: Math.min(x, OUTSTANDING) });
          figures.add(publishCpuToFew, name, microsecondsEach(few, few.published), { x, clientBusy: few.clientBusy });
        }
      },
    );
  },
};

function publish(contender: Contender, { seconds, warmUp }: Sizes, audience: Audience): Promise<LoadResult> {
  return withSession(contender, audience, async ({ call }) => {
    // The window is wide enough for the answers alone to set the pace.
    const load = { window: OUTSTANDING * 2, inFlight: OUTSTANDING, lanes: OUTSTANDING };
    await call('closed', { ...load, seconds: warmUp });
    const result = await call('closed', { ...load, seconds });
    // Publishers on several connections have no order among them.
    complete({ ...result, faults: 0 });
    return result;
  });
}
