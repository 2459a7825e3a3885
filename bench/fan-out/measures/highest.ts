import type { LoadResult } from '../../client/protocol.js';
import { all, type Contender } from '../contenders.js';
import { highest as metric } from '../metrics.js';
import { Search } from '../search.js';
import { withSession } from '../session.js';
import type { Sizes } from '../sizes.js';
import { IN_FLIGHT, isSustained, type Measure } from './measure.js';

const LIMIT_MS = 50;
const FIRST_RATE = 50;
/** Where the search of the round before ended, so that the next begins near it. */
const found = new Map<string, number>();

/** The highest rate of events, whatever the server does, at which 99 % arrive within 50 ms and nothing is lost. */
export const highest: Measure = {
  name: 'highest',
  contenders: all,
  async run(contender, sizes, figures) {
    const { name } = contender;
    const known = found.get(name);
    const [first, growth] = known === undefined ? [FIRST_RATE, 2] : [known * 0.8, 1.25];
    const search = new Search(first, growth, sizes.maxRate);
    let clientBusy = 0;
    while (search.next !== undefined) {
      clientBusy = await probe(contender, sizes, search);
    }
    found.set(name, search.highest);
    figures.add(metric, name, search.highest, { clientBusy });
  },
};

/** Tries rates on one server until one has lost something. Gives the client's share of a core at the highest rate kept. */
async function probe(contender: Contender, { watchers, seconds, warmUp }: Sizes, search: Search): Promise<number> {
  return withSession(contender, { watchers }, async ({ call }) => {
    let clientBusy = 0;
    let result: LoadResult = await call('closed', { seconds: warmUp, window: 1, inFlight: IN_FLIGHT });
    while (search.next !== undefined && isSustained(result, Number.POSITIVE_INFINITY)) {
      const rate = search.next;
      result = await call('rate', { seconds, rate, limitMs: LIMIT_MS });
      const isKept = isSustained(result, LIMIT_MS);
      search.note(rate, isKept);
      clientBusy = isKept ? result.clientBusy : clientBusy;
    }
    return clientBusy;
  });
}
