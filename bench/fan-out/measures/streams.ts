import { bare, hubs } from '../contenders.js';
import { publishCpu, publishes, publishP99 } from '../metrics.js';
import { withSession } from '../session.js';
import { atEach, complete, type Measure, microsecondsEach } from './measure.js';

const OUTSTANDING = 16;

/** Many streams with one watcher each, beside a server that only takes the POST. */
export const streams: Measure = {
  name: 'streams',
  contenders: [...hubs, bare],
  async run(contender, sizes, figures) {
    const { seconds, warmUp } = sizes;
    const places = sizes.streams.map((x) => ({ x }));
    await atEach(places, async ({ x }) => {
      const watchers = contender === bare ? 0 : x;
      await withSession(contender, { watchers, streams: x }, async ({ call }) => {
        // The window is wide enough for the answers alone to set the pace.
        const load = { window: OUTSTANDING * 2, inFlight: OUTSTANDING, lanes: OUTSTANDING };
        await call('closed', { ...load, seconds: warmUp });
        const result = await call('closed', { ...load, seconds });
        // Publishers on several connections have no order among them.
        complete({ ...result, faults: 0 });
        const { clientBusy } = result;
        figures.add(publishes, contender.name, result.published / result.seconds, { x, clientBusy });
        figures.add(publishP99, contender.name, result.publishP99Ms, { x, clientBusy });
        figures.add(publishCpu, contender.name, microsecondsEach(result, result.published), { x, clientBusy });
      });
    });
  },
};
