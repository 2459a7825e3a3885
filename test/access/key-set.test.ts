import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, SignJWT } from 'jose';
import t, { type Test } from 'tap';
import { Tokens } from '../../src/access/tokens.js';
import { createTestClock, START } from '../support/clock.js';

const first = generateKeyPairSync('ed25519');
const second = generateKeyPairSync('ed25519');

const sign = (key: KeyObject, kid: string) =>
  new SignJWT({ sub: 'ada', exp: START / 1000 + 60 }).setProtectedHeader({ alg: 'EdDSA', kid }).sign(key);

async function setOf(keys: Record<string, KeyObject>): Promise<string> {
  const list = Object.entries(keys).map(async ([kid, key]) => ({ ...(await exportJWK(key)), kid }));
  return JSON.stringify({ keys: await Promise.all(list) });
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
  const settings = { authJwtSecret: '', authJwtAlgorithm: '', authJwtIssuer: '', authJwtAudience: '' };
  const tokens = await Tokens.open({ ...settings, authJwtKey: `http://127.0.0.1:${port}/keys` }, clock);
  return {
    clock,
    tokens,
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
  const { clock, tokens, answer, breakOff, asked } = await issuer(t);
  const token = await sign(first.privateKey, 'a');
  const failures = [
    breakOff,
    () => answer('{}', 500),
    () => answer('not JSON'),
    () => answer('{"keys":5}'),
    () => answer('', 302),
  ];
  for (const [index, fail] of failures.entries()) {
    fail();
    await t.rejects(tokens.verify(token), UNAVAILABLE);
    await t.rejects(tokens.verify(token), UNAVAILABLE);
    t.equal(asked(), index + 1);
    await clock.advance(5000);
  }
  answer(await setOf({ a: first.publicKey }));
  t.equal((await tokens.verify(token)).id, 'jwt::ada', 'they are asked for again');
});

t.test('nobody who listens is 503, too', async (t) => {
  const settings = { authJwtSecret: '', authJwtAlgorithm: '', authJwtIssuer: '', authJwtAudience: '' };
  const tokens = await Tokens.open({ ...settings, authJwtKey: 'http://127.0.0.1:1/keys' }, createTestClock());
  await t.rejects(tokens.verify(await sign(first.privateKey, 'a')), UNAVAILABLE);
});

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
