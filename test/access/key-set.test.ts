import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, SignJWT } from 'jose';
import t, { type Test } from 'tap';
import { Tokens } from '../../src/access/tokens/tokens.js';
import { createTestClock, START } from '../support/clock.js';
import { watch } from '../support/watch.js';
import { serve } from '../wire/serve.js';

const first = generateKeyPairSync('ed25519');
const second = generateKeyPairSync('ed25519');

const sign = (key: KeyObject, kid: string) =>
  new SignJWT({ sub: 'ada', exp: START / 1000 + 60 }).setProtectedHeader({ alg: 'EdDSA', kid }).sign(key);

async function setOf(keys: Record<string, KeyObject>): Promise<string> {
  const list = Object.entries(keys).map(async ([kid, key]) => ({ ...(await exportJWK(key)), kid }));
  return JSON.stringify({ keys: await Promise.all(list) });
}

function openWith(authJwtKey: string, reasons: string[] = [], clock = createTestClock()): Promise<Tokens> {
  const settings = { authJwtSecret: '', authJwtAlgorithm: '', authJwtIssuer: '', authJwtAudience: '' };
  return Tokens.open({ ...settings, authJwtKey }, clock, { unavailable: (reason) => reasons.push(reason) });
}

/** An issuer that publishes its keys, and counts how often it is asked. */
async function issuer(t: Test) {
  const clock = createTestClock();
  let answer: RequestListener = (_request, response) => response.end();
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    answer(request, response);
  });
  t.teardown(() => server.close().closeAllConnections());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}/keys`;
  const reasons: string[] = [];
  const tokens = await openWith(`${address}?token=s3cret`, reasons, clock);
  return {
    address,
    clock,
    tokens,
    /** Why the keys could not be fetched, each time. */
    reasons,
    asked: () => asked,
    answer(text: string, status = 200) {
      answer = (_request, response) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(text);
      };
    },
    breakOff() {
      answer = (request) => request.socket.destroy();
    },
  };
}

const UNAVAILABLE = { code: 'SLUICE_KEYS_UNAVAILABLE', statusCode: 503, headers: { 'retry-after': '5' } };

t.test('the keys are fetched with the first token, and kept', async (t) => {
  const { tokens, answer, asked } = await issuer(t);
  answer(await setOf({ a: first.publicKey }));
  t.equal(asked(), 0);
  const token = await sign(first.privateKey, 'a');
  const found = await Promise.all(Array.from({ length: 20 }, () => tokens.verify(token)));
  t.equal(found.length, 20);
  t.equal((await tokens.verify(token)).id, 'jwt::ada');
  t.equal(asked(), 1);
});

t.test('an unknown kid is 401, and does not have them fetched again and again', async (t) => {
  const { tokens, answer, asked } = await issuer(t);
  answer(await setOf({ a: first.publicKey }));
  for (let attempt = 0; attempt < 20; attempt++) {
    const token = await sign(second.privateKey, `k${attempt}`);
    await t.rejects(tokens.verify(token), { code: 'SLUICE_UNAUTHORIZED', message: /no applicable key found/ });
  }
  t.equal(asked(), 1);
});

t.test('keys that cannot be fetched let nobody in: 503, and nobody asks again for 5 s', async (t) => {
  const { address, clock, tokens, answer, breakOff, asked, reasons } = await issuer(t);
  const token = await sign(first.privateKey, 'a');
  const failures = [
    ['other side closed', breakOff],
    ['answered with 500', () => answer('{}', 500)],
    ['it is not JSON', () => answer('s3cret')],
    ['JSON Web Key Set malformed', () => answer('{"keys":5}')],
    ['it has no keys', () => answer('{"keys":[]}')],
    ['it is larger than 1048576 bytes', () => answer(' '.repeat(2 * 1024 * 1024))],
    ['answered with 302', () => answer('', 302)],
  ] as const;
  for (const [index, [reason, fail]] of failures.entries()) {
    fail();
    await t.rejects(tokens.verify(token), UNAVAILABLE);
    await t.rejects(tokens.verify(token), UNAVAILABLE);
    t.equal(asked(), index + 1);
    t.strictSame(reasons.splice(0), [`${address}: ${reason}`], 'told once, without the query and the content');
    await clock.advance(5000);
  }
  answer(await setOf({ a: first.publicKey }));
  t.equal((await tokens.verify(token)).id, 'jwt::ada', 'they are asked for again');
});

t.test('they are asked for again, however far the clock has been set back', async (t) => {
  const { clock, tokens, answer } = await issuer(t);
  answer('{}', 500);
  const token = await sign(first.privateKey, 'a');
  await t.rejects(tokens.verify(token), UNAVAILABLE);
  answer(await setOf({ a: first.publicKey }));
  clock.correct(-3_600_000);
  await clock.advance(5000);
  t.equal((await tokens.verify(token)).id, 'jwt::ada');
});

t.test('nobody who listens is 503, too', async (t) => {
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  await once(free.close(), 'close');
  const reasons: string[] = [];
  const tokens = await openWith(`http://127.0.0.1:${port}/keys`, reasons);
  await t.rejects(tokens.verify(await sign(first.privateKey, 'a')), UNAVAILABLE);
  t.strictSame(reasons, [`http://127.0.0.1:${port}/keys: connect ECONNREFUSED 127.0.0.1:${port}`]);
});

t.test('an address with a password is refused at the start, and not repeated', async (t) => {
  for (const user of ['ada:s3cret', 's3cret', ':s3cret']) {
    await t.rejects(openWith(`https://${user}@id.example/keys`), {
      message: /^the address of a key set must be without user name and password((?!s3cret).)*$/,
    });
  }
});

t.test('the log says why the keys cannot be fetched, once a minute', async (t) => {
  const { app, clock, log } = await serve(t, { auth: 'on', authJwtKey: 'http://127.0.0.1:1/keys?token=s3cret' });
  const headers = { authorization: `Bearer ${await sign(first.privateKey, 'a')}` };
  const ask = async () => (await app.inject({ url: '/session', headers })).statusCode;
  const told = () => log.map((line) => JSON.parse(line)).filter(({ event }) => event === 'keys-unavailable');
  for (let i = 0; i < 3; i++) {
    t.equal(await ask(), 503);
    await clock.advance(5000);
  }
  t.match(told()[0], { level: 40, reason: 'http://127.0.0.1:1/keys: bad port' });
  await clock.advance(60_000);
  t.equal(await ask(), 503);
  t.strictSame(
    told().map(({ since }) => since),
    [0, 2],
  );
  t.notMatch(log.join(''), /s3cret/);
});

t.test(
  'while the keys cannot be fetched, a stream is refused inside a 200, with the headers of all streams',
  async (t) => {
    const { app } = await serve(t, {
      auth: 'on',
      authJwtKey: 'http://127.0.0.1:1/keys',
      corsOrigin: 'https://a.example',
    });
    const headers = {
      authorization: `Bearer ${await sign(first.privateKey, 'a')}`,
      origin: 'https://a.example',
    };
    const refused = await watch(app, '/sse/a', headers);
    t.match(refused, {
      statusCode: 200,
      headers: { 'cache-control': 'no-cache, no-transform', 'access-control-allow-origin': 'https://a.example' },
      isEnded: true,
    });
    t.match(refused.messages, [{ event: 'refused', data: /"SLUICE_KEYS_UNAVAILABLE"/, id: undefined }]);
    t.equal(refused.messages.length, 1);
  },
);

t.test('a key of the set that cannot be used is the trouble of those alone whose tokens name it', async (t) => {
  const { tokens, answer, asked } = await issuer(t);
  const { keys } = JSON.parse(await setOf({ a: first.publicKey }));
  const unusable = [
    { kty: 'OKP', crv: 'Ed25519', kid: 'short', x: 'AA' },
    { ...(await exportJWK(second.privateKey)), kid: 'private' },
  ];
  answer(JSON.stringify({ keys: [...keys, ...unusable] }));
  for (const { kid } of unusable) {
    const token = await sign(second.privateKey, kid);
    await t.rejects(tokens.verify(token), { code: 'SLUICE_UNAUTHORIZED', statusCode: 401 }, kid);
    t.equal((await tokens.verify(await sign(first.privateKey, 'a'))).id, 'jwt::ada', `${kid}: others come in`);
  }
  t.equal(asked(), 1);
});
