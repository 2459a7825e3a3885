import t from 'tap';
import { fuzz } from './fuzz/campaign.js';

const REQUESTS = 20_000;
/** Given by hand to have a failure again. */
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

t.test('whatever is made of our own document is answered as documented', async (t) => {
  const { failure, statuses } = await fuzz({ requests: REQUESTS, seed });
  t.equal(failure, undefined, `FUZZ_SEED=${seed}`);
  t.comment(statuses);
  for (const status of [200, 201, 204, 400, 401, 403, 404, 405, 413, 415, 422, 429]) {
    t.ok((statuses[status] ?? 0) > 0, `${status} has been met`);
  }
});
