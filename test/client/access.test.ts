import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type Expiring, publish } from '../../client/index.js';
import { EVERYTHING, JWT_SECRET, signToken, writeKeys } from '../e2e/support/credentials.js';
import { createTestClock, START } from '../support/clock.js';
import { eventually } from '../wire/serve.js';
import { startHub, take, watch } from './support.js';

const MINUTE_MS = 60_000;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function startWithTokens(t: Test) {
  const clock = createTestClock();
  return { clock, ...(await startHub(t, { auth: 'on', authJwtSecret: JWT_SECRET, clock })) };
}

t.test('a token that is made anew for each attempt: told before the end, and back with nothing missed', async (t) => {
  const { app, url, clock } = await startWithTokens(t);
  const told: Expiring[] = [];
  const headers = async () => bearer(await signToken(clock.now() + MINUTE_MS));
  const { connection, verdicts, interruptions } = watch(t, `${url}/events?streams=orders.*`, {
    headers,
    onExpiring: (expiring) => told.push(expiring),
  });
  const events = take(connection, 2);
  await eventually(() => verdicts.length === 1);
  await app.bus.publish({ stream: 'orders.a', data: 'before' });
  await clock.advance(MINUTE_MS / 2);
  await eventually(() => told.length === 1);
  t.match(told[0], { message: /access expires/, expires: START + MINUTE_MS });
  await clock.advance(MINUTE_MS / 2 + 1000);
  await app.bus.publish({ stream: 'orders.a', data: 'while away' });
  t.match(await events, [{ data: 'before' }, { data: 'while away' }]);
  t.strictSame(
    verdicts.map(({ resume }) => resume),
    ['fresh', 'exact'],
  );
  t.equal(told.length, 1);
  t.strictSame(interruptions(), ['expired']);
});

t.test('a token that has ended stops it for good, and says so', async (t) => {
  const { url, clock } = await startWithTokens(t);
  const headers = bearer(await signToken(START + MINUTE_MS));
  const { connection, verdicts, interruptions } = watch(t, `${url}/sse/orders`, { headers });
  const events = take(connection, 1);
  await eventually(() => verdicts.length === 1);
  clock.advance(MINUTE_MS + 1000);
  await t.rejects(events, {
    code: 'status',
    status: 401,
    serverCode: 'SLUICE_UNAUTHORIZED',
    message: /it has expired/,
  });
  t.strictSame(interruptions(), ['expired'], 'it has asked once more, and not again');
});

t.test('what a key does not allow is final, for watching and for publishing', async (t) => {
  const path = join(t.testdir(), 'keys.json');
  const keys = await writeKeys(path, { all: EVERYTHING, orders: { publish: ['orders'], subscribe: ['orders'] } });
  const { url } = await startHub(t, { auth: 'on', authKeysFile: path });
  const headers = bearer(keys.orders);
  const { connection, interruptions } = watch(t, `${url}/sse/private`, { headers });
  const problem = { status: 403, serverCode: 'SLUICE_FORBIDDEN', message: /subscribe on private/ };
  await t.rejects(take(connection, 1), { code: 'status', ...problem });
  t.strictSame(interruptions(), []);
  await t.rejects(publish(url, 'private', 1, { headers, idempotencyKey: 'k' }), { code: 'rejected', status: 403 });
  await t.rejects(publish(url, 'orders', 1), { code: 'rejected', status: 401 });
  t.match(await publish(url, 'orders', 1, { headers }), { stream: 'orders' });
});
