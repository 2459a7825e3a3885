import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import t, { type Test } from 'tap';
import { START } from '../support/clock.js';
import { dataOf, watch } from '../support/watch.js';
import { type Served, serve } from '../wire/serve.js';

const SECRET = 'a secret that is long enough for HS256';
const newKey = () => `sk_${randomBytes(32).toString('base64url')}`;

interface SignedInApp extends Served {
  /** Two keys that hold. */
  readonly keys: readonly [string, string];
  /** The status of a request for metrics with a credential, and the rest of its answer. */
  ask(credential: string | undefined, ip?: string): Promise<Answer>;
}

type Bearer = Record<'authorization', string>;

interface Answer {
  readonly status: number;
  readonly retryAfter: unknown;
  readonly code: unknown;
}

async function buildWithKeys(t: Test): Promise<SignedInApp> {
  const keys = [newKey(), newKey()] as const;
  const path = join(t.testdir(), 'keys.json');
  const entries = keys.map((secret, index) => ({
    name: `key-${index}`,
    sha256: createHash('sha256').update(secret).digest('hex'),
    publish: ['*'],
    subscribe: ['*'],
  }));
  writeFileSync(path, JSON.stringify(entries));
  const settings = { auth: 'on', authKeysFile: path, authJwtSecret: SECRET, authAnonymousSubscribe: 'news' } as const;
  const served = await serve(t, settings);
  const ask = async (credential: string | undefined, remoteAddress = '192.0.2.1') => {
    const headers = credential === undefined ? {} : { authorization: `Bearer ${credential}` };
    const url = credential === undefined ? '/session' : '/metrics';
    const response = await served.app.inject({ url, headers, remoteAddress });
    const code = response.statusCode < 400 ? undefined : response.json().code;
    return { status: response.statusCode, retryAfter: response.headers['retry-after'], code };
  };
  return { ...served, keys, ask };
}

/** @param lifetime seconds from the beginning of the test */
function signToken(lifetime: number, secret = SECRET): Promise<string> {
  return new SignJWT({ sluice: { subscribe: ['*'] } })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('someone')
    .setExpirationTime(START / 1000 + lifetime)
    .sign(Buffer.from(secret));
}

async function failOften({ ask }: SignedInApp, ip?: string): Promise<number[]> {
  const answers: Answer[] = [];
  for (let i = 0; i < 21; i++) {
    answers.push(await ask(newKey(), ip));
  }
  return answers.map(({ status }) => status);
}

t.test('after 20 credentials that do not hold, an address waits before the next is looked at', async (t) => {
  const served = await buildWithKeys(t);
  const { ask, clock, keys } = served;
  t.strictSame(await failOften(served), [...Array(20).fill(401), 429]);
  t.match(await ask(newKey()), { status: 429, retryAfter: '3', code: 'SLUICE_RATE_LIMITED' });
  t.match(await ask(keys[0]), { status: 429 }, 'a key that holds as well, as it is not looked at');
  t.match(await ask('not.a.token'), { status: 429 }, 'and tokens');
  t.match(await ask(keys[0], '192.0.2.2'), { status: 200 }, 'another address does not wait');
  t.match(await ask(undefined), { status: 200 }, 'nor does who sends no credential');
  await clock.advance(3000);
  t.match(await ask(newKey()), { status: 401 }, 'one more after three seconds');
  t.match(await ask(newKey()), { status: 429 });
  await clock.advance(60_000);
  t.strictSame(await failOften(served), [...Array(20).fill(401), 429], 'and all of them after a minute');
});

t.test('a stream waits inside a 200, so that EventSource comes back', async (t) => {
  const served = await buildWithKeys(t);
  const { app, clock, log, keys } = served;
  const [held, unknown] = keys.map((key) => ({ authorization: `Bearer ${key}` })) as [Bearer, Bearer];
  await watch(app, '/sse/news', held);
  await failOften(served, '127.0.0.1');
  const refused = await watch(app, '/events?streams=news', unknown);
  t.match(refused, { statusCode: 200, headers: { 'content-type': /^text\/event-stream/ }, isEnded: true });
  t.strictSame(refused.messages.map(dataOf), [
    {
      type: 'refused',
      data: {
        code: 'SLUICE_RATE_LIMITED',
        message: 'too many keys and tokens that do not hold came from your address; try again later',
      },
    },
  ]);
  t.equal(refused.retries.length, 1);
  t.equal(app.streams.refused.SLUICE_RATE_LIMITED, 1);
  const line = log.map((text) => JSON.parse(text)).find(({ event }) => event === 'refuse');
  t.match(line, {
    level: 40,
    format: 'envelope',
    ip: '127.0.0.1',
    principal: 'anonymous',
    code: 'SLUICE_RATE_LIMITED',
  });
  t.equal((await app.inject({ method: 'HEAD', url: '/sse/news', headers: unknown })).statusCode, 429);
  t.equal((await app.inject({ url: '/streams', headers: unknown })).statusCode, 429, 'only streams');
  await clock.advance(3000);
  t.match(dataOf((await watch(app, '/sse/news', unknown)).messages[0]), { resume: 'fresh' });
});

t.test('who was let in before is not locked out by others of the same address', async (t) => {
  const served = await buildWithKeys(t);
  const { ask, keys } = served;
  const token = await signToken(3600);
  t.match(await ask(keys[0], '192.0.2.7'), { status: 200 });
  t.match(await ask(token), { status: 200 });
  await failOften(served);
  t.match(await ask(keys[0]), { status: 200 }, 'a key, also one that was seen elsewhere');
  t.match(await ask(token), { status: 200 }, 'a token');
  t.match(await ask(keys[1]), { status: 429 }, 'a key that was never seen waits');
});

t.test('a token that has expired is no guess, so that clients that go on with it make nobody wait', async (t) => {
  const served = await buildWithKeys(t);
  const { ask, clock } = served;
  const token = await signToken(10);
  t.match(await ask(token), { status: 200 });
  await clock.advance(11_000);
  for (let i = 0; i < 21; i++) {
    t.match(await ask(token), { status: 401 });
  }
  t.match(await ask(await signToken(3600)), { status: 200 });
  await failOften(served);
  t.match(await ask(token), { status: 429 }, 'as it no longer holds, it waits like any other');
});

t.test('an IPv6 network of 64 bits is one address', async (t) => {
  const served = await buildWithKeys(t);
  await failOften(served, '2001:db8:1:2::1');
  t.match(await served.ask(newKey(), '2001:db8:1:2:ffff::9'), { status: 429 });
  t.match(await served.ask(newKey(), '2001:db8:1:3::1'), { status: 401 });
});

t.test('a failed sign-in of a browser counts as well', async (t) => {
  const served = await buildWithKeys(t);
  const signIn = async () => {
    const headers = { authorization: `Bearer ${newKey()}`, host: 'localhost' };
    const response = await served.app.inject({ method: 'POST', url: '/session', headers, remoteAddress: '192.0.2.1' });
    return response.statusCode;
  };
  const statuses: number[] = [];
  for (let i = 0; i < 21; i++) {
    statuses.push(await signIn());
  }
  t.strictSame(statuses, [...Array(20).fill(401), 429]);
});

t.test('tokens that are tried at once do not undo the limit', async (t) => {
  const { ask } = await buildWithKeys(t);
  const forged = await signToken(3600, `not ${SECRET}`);
  // Two minutes' worth and one: all of them are under way before the first has failed.
  const statuses = await Promise.all(Array.from({ length: 42 }, async () => (await ask(forged)).status));
  t.ok(statuses.filter((status) => status === 401).length > 40, 'all were looked at');
  t.match(await ask(newKey()), { status: 429, retryAfter: '3' }, 'and none of them makes the wait longer');
});

t.test('an address that reaches the limit is named in the log, once a minute', async (t) => {
  const served = await buildWithKeys(t);
  const { ask, clock, log } = served;
  const named = () => {
    const lines = log.map((line) => JSON.parse(line)).filter(({ event }) => event === 'credentials-limited');
    return lines.map(({ level, ip, since }) => ({ level, ip, since }));
  };
  for (let i = 0; i < 19; i++) {
    await ask(newKey());
  }
  t.strictSame(named(), []);
  await failOften(served);
  await clock.advance(3000);
  t.match(await ask(newKey()), { status: 401 }, 'looked at, and reaches the limit again');
  t.strictSame(named(), [{ level: 40, ip: '192.0.2.1', since: 0 }]);
  await failOften(served, '2001:db8:1:2::1');
  await clock.advance(60_000);
  await failOften(served);
  t.strictSame(named().slice(1), [
    { level: 40, ip: '2001:db8:1:2::1', since: 0 },
    { level: 40, ip: '192.0.2.1', since: 1 },
  ]);
  t.notMatch(log.join(''), /sk_/);
});
