import type { Audience } from '../../client/protocol.js';
import { type Contender, pair, patterns } from '../contenders.js';
import type { Figures, Metric } from '../figures.js';
import { cpuByPatterns, cpuByPatternsToOne, cpuByPayload, cpuByWanting, cpuByWatchers } from '../metrics.js';
import { withSession } from '../session.js';
import type { Sizes } from '../sizes.js';
import { atEach, complete, IN_FLIGHT, type Measure, microsecondsEach } from './measure.js';

/** Watchers of an event while the number of patterns grows. */
const WANTING = 10;

/** One point of a curve. */
interface Point {
  readonly metric: Metric;
  readonly x: number;
  readonly audience: Audience;
}

export const watchers: Measure = {
  name: 'watchers',
  contenders: pair,
  run: (contender, sizes, figures) =>
    curve(
      contender,
      sizes,
      figures,
      sizes.audiences.map((x) => ({ metric: cpuByWatchers, x, audience: { watchers: x } })),
    ),
};

export const payload: Measure = {
  name: 'payload',
  contenders: pair,
  run: (contender, sizes, figures) =>
    curve(
      contender,
      sizes,
      figures,
      sizes.payloads.map((x) => ({ metric: cpuByPayload, x, audience: { watchers: sizes.watchers, size: x } })),
    ),
};

/** Publishing grows with the watchers of the event, not with how many patterns there are. */
export const byPattern: Measure = {
  name: 'patterns',
  contenders: [patterns],
  async run(contender, sizes, figures) {
    const all = sizes.watchers;
    const wanting = sizes.patterns.filter((streams) => all % streams === 0);
    const points: Point[] = [
      ...wanting.map((streams) => ({ metric: cpuByWanting, x: all / streams, audience: { watchers: all, streams } })),
      ...sizes.patterns.flatMap((x) => {
        const audience = { watchers: WANTING * x, streams: x };
        return [
          { metric: cpuByPatterns, x, audience },
          // The same sockets again and again: what is left is the cost of there being others.
          { metric: cpuByPatternsToOne, x, audience: { ...audience, busy: 1 } },
        ];
      }),
    ];
    await curve(contender, sizes, figures, points);
  },
};

async function curve(contender: Contender, sizes: Sizes, figures: Figures, points: readonly Point[]): Promise<void> {
  const { seconds, warmUp } = sizes;
  await atEach(points, async ({ metric, x, audience }) => {
    await withSession(contender, audience, async ({ call }) => {
      const load = { window: 1, inFlight: audience.streams === undefined ? IN_FLIGHT : 1 };
      await call('closed', { ...load, seconds: warmUp });
      const result = complete(await call('closed', { ...load, seconds }));
      const count = metric === cpuByWatchers || metric === cpuByPayload ? result.delivered : result.published;
      figures.add(metric, contender.name, microsecondsEach(result, count), { x, clientBusy: result.clientBusy });
    });
  });
}
