import { parseArgs } from 'node:util';
import { fuzz } from '../test/bad-input/fuzz/campaign.js';

/** `npm run fuzz -- --requests 1000000 --seed 7`: requests made from our own OpenAPI document, each reply judged by it. */
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const ROUND = 50_000;

const requests = Number(values.requests);
const seed = Number(values.seed);
console.log(`fuzz --requests ${requests} --seed ${seed}`);
const started = Date.now();
const total: Record<string, number> = {};
for (let sent = 0; sent < requests && process.exitCode === undefined; sent += ROUND) {
  const { statuses, failure } = await fuzz({ requests: Math.min(ROUND, requests - sent), seed: seed + sent });
  for (const [status, count] of Object.entries(statuses)) {
    total[status] = (total[status] ?? 0) + count;
  }
  if (failure !== undefined) {
    console.error(failure);
    process.exitCode = 1;
  }
  const all = Object.values(total).reduce((sum, count) => sum + count, 0);
  console.log(`${all} requests in ${Math.round((Date.now() - started) / 1000)} s`);
}
console.table([total]);
