import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { exportJWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import t, { type Test } from 'tap';
import { type TokenSettings, Tokens } from '../../src/access/tokens/tokens.js';
import { createTestClock, START } from '../support/clock.js';

const NOW = START / 1000;
const SECRET = 'a secret of thirty-two bytes, or more';
const NO_KEY: TokenSettings = {
  authJwtKey: '',
  authJwtSecret: '',
  authJwtAlgorithm: '',
  authJwtIssuer: '',
  authJwtAudience: '',
};
const BY_SECRET = { ...NO_KEY, authJwtSecret: SECRET };
const RIGHTS = { publish: ['orders.*'], subscribe: ['*'] };
const CLAIMS = { sub: 'ada', exp: NOW + 60, sluice: RIGHTS };

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');

function sign(claims: JWTPayload, alg: string, key: KeyObject | string, kid?: string): Promise<string> {
  const header = { alg, ...(kid !== undefined && { kid }) };
  return new SignJWT(claims).setProtectedHeader(header).sign(typeof key === 'string' ? Buffer.from(key) : key);
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

function open(settings: TokenSettings): Promise<Tokens> {
  return Tokens.open(settings, createTestClock(), { unavailable: (reason) => t.fail(reason) });
}

async function withPem(t: Test, key: KeyObject, authJwtAlgorithm: string): Promise<Tokens> {
  const authJwtKey = join(t.testdir({ 'key.pem': pemOf(key) }), 'key.pem');
  return open({ ...NO_KEY, authJwtKey, authJwtAlgorithm });
}

async function refused(t: Test, tokens: Tokens, token: string, message: RegExp, what = message.source): Promise<void> {
  const headers = { 'www-authenticate': 'Bearer realm="sluice", error="invalid_token"' };
  await t.rejects(tokens.verify(token), { code: 'SLUICE_UNAUTHORIZED', statusCode: 401, headers, message }, what);
}

t.test('a token says who it is from, what that allows and until when', async (t) => {
  const tokens = await open({ ...BY_SECRET, authJwtIssuer: 'https://id.example' });
  const token = await sign({ ...CLAIMS, iss: 'https://id.example' }, 'HS256', SECRET);
  const { id, rights, lease } = await tokens.verify(token);
  t.equal(id, 'jwt:https://id.example:ada');
  t.strictSame([rights.publish.key, rights.subscribe.key], ['orders.*', '*']);
  t.strictSame(lease, { expiresAt: START + 60_000 });
});

t.test('no issuer can name the subject of another one', async (t) => {
  const tokens = await open(BY_SECRET);
  const idOf = async (iss: string, sub: string) => {
    return (await tokens.verify(await sign({ ...CLAIMS, iss, sub }, 'HS256', SECRET))).id;
  };
  t.equal(await idOf('https://a', 'b:c'), 'jwt:https://a:b%3Ac');
  t.not(await idOf('a:b', 'c'), await idOf('a', 'b:c'));
  t.not(await idOf('a', 'b:c'), await idOf('a', 'b%3Ac'));
});

for (const [alg, { publicKey, privateKey }] of Object.entries({ RS256: rsa, ES256: ec, EdDSA: ed })) {
  t.test(`${alg} by PEM: a token of that key holds, one of another does not`, async (t) => {
    const tokens = await withPem(t, publicKey, alg);
    t.equal((await tokens.verify(await sign(CLAIMS, alg, privateKey))).id, 'jwt::ada');
    const type = publicKey.asymmetricKeyType;
    const other =
      type === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : type === 'ec'
          ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
          : generateKeyPairSync('ed25519');
    const forged = await sign(CLAIMS, alg, other.privateKey);
    await refused(t, tokens, forged, /^the token does not hold: signature verification failed$/);
  });
}

t.test('a token without a signature does not hold, whatever it calls that', async (t) => {
  const tokens = await open(BY_SECRET);
  const unsecured = new UnsecuredJWT(CLAIMS).encode();
  const [, payload] = unsecured.split('.');
  await refused(t, tokens, unsecured, /^the token does not hold/);
  for (const alg of ['none', 'None', 'NONE', 'nOnE', '']) {
    const header = Buffer.from(JSON.stringify({ alg })).toString('base64url');
    await refused(t, tokens, `${header}.${payload}.`, /^the token does not hold/, alg);
  }
});

t.test('the public key is not taken for a secret (key confusion)', async (t) => {
  const pem = pemOf(rsa.publicKey);
  const tokens = await withPem(t, rsa.publicKey, 'RS256');
  for (const secret of [pem, pem.trim(), pem.replace(/-----.*-----|\n/g, '')]) {
    await refused(
      t,
      tokens,
      await sign(CLAIMS, 'HS256', secret),
      /"alg" \(Algorithm\) Header Parameter value not allowed/,
    );
  }
});

t.test('the algorithm is pinned: the right key with another one does not hold', async (t) => {
  const byRsa = await withPem(t, rsa.publicKey, 'RS256');
  for (const alg of ['RS384', 'RS512', 'PS256']) {
    await refused(t, byRsa, await sign(CLAIMS, alg, rsa.privateKey), /value not allowed/, alg);
  }
  const bySecret = await open(BY_SECRET);
  await refused(t, bySecret, await sign(CLAIMS, 'HS512', SECRET.repeat(2)), /value not allowed/);
});

t.test('a token that has expired, or is not valid yet, does not hold', async (t) => {
  const tokens = await open(BY_SECRET);
  const of = (claims: JWTPayload) => sign({ ...CLAIMS, ...claims }, 'HS256', SECRET);
  await refused(t, tokens, await of({ exp: NOW }), /it has expired$/);
  await refused(t, tokens, await of({ exp: NOW - 3600 }), /it has expired$/);
  await refused(t, tokens, await of({ nbf: NOW + 1 }), /"nbf" claim timestamp check failed/);
  t.ok(await tokens.verify(await of({ exp: NOW + 1, nbf: NOW })));
});

t.test('a token without an end, or with one that is no time, does not hold', async (t) => {
  const tokens = await open(BY_SECRET);
  await refused(t, tokens, await sign({ sub: 'ada', sluice: RIGHTS }, 'HS256', SECRET), /missing required "exp" claim/);
  for (const exp of ['never', null, {}, 8.7e12, 1e300]) {
    const token = await sign({ ...CLAIMS, exp } as unknown as JWTPayload, 'HS256', SECRET);
    await refused(t, tokens, token, /^the token does not hold: "exp"/, String(exp));
  }
});

t.test('issuer and audience must be those that are set', async (t) => {
  const settings = { ...BY_SECRET, authJwtIssuer: 'https://id.example', authJwtAudience: 'sluice' };
  const tokens = await open(settings);
  const of = (claims: JWTPayload) => sign({ ...CLAIMS, ...claims }, 'HS256', SECRET);
  t.ok(await tokens.verify(await of({ iss: 'https://id.example', aud: ['other', 'sluice'] })));
  for (const iss of ['https://evil.example', 'https://id.example/', '', undefined]) {
    await refused(t, tokens, await of({ aud: 'sluice', ...(iss !== undefined && { iss }) }), /"iss" claim/, iss);
  }
  for (const aud of ['other', ['a', 'b'], 'sluice2', undefined]) {
    await refused(t, tokens, await of({ iss: 'https://id.example', ...(aud !== undefined && { aud }) }), /"aud" claim/);
  }
});

t.test('a subject that is missing, no text, too long or not one line does not hold', async (t) => {
  const tokens = await open(BY_SECRET);
  for (const sub of [undefined, 5, {}, '', 'a\nb', 'a\u001b[31m', 'a\0', '\ud800', '\u202ea', 'x'.repeat(257)]) {
    const token = await sign({ ...CLAIMS, sub } as unknown as JWTPayload, 'HS256', SECRET);
    await refused(t, tokens, token, /sub/, JSON.stringify(sub));
  }
});

t.test('without its claim a token allows nothing; a claim of another form does not hold', async (t) => {
  const tokens = await open(BY_SECRET);
  const of = (sluice: unknown) => sign({ sub: 'ada', exp: NOW + 60, sluice }, 'HS256', SECRET);
  for (const empty of [undefined, {}, { publish: [] }]) {
    const { rights } = await tokens.verify(await of(empty));
    t.strictSame([rights.publish.key, rights.subscribe.key], ['', '']);
  }
  const many = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);
  t.equal((await tokens.verify(await of({ publish: many(100) }))).rights.publish.names.length, 100);
  const bad = [null, '*', [], 5, { publish: '*' }, { publish: ['a b'] }, { subscribe: [5] }, { subscribe: many(101) }];
  for (const claim of bad) {
    await refused(
      t,
      tokens,
      await of(claim),
      /its claim 'sluice' must be \{publish, subscribe\}/,
      JSON.stringify(claim),
    );
  }
});

t.test('what is no token does not hold, and is not repeated', async (t) => {
  const tokens = await open(BY_SECRET);
  const good = await sign(CLAIMS, 'HS256', SECRET);
  const [header = '', payload = '', signature = ''] = good.split('.');
  const changed = `${payload.slice(0, -2)}AA`;
  const critical = Buffer.from('{"alg":"HS256","crit":["x"],"x":1}').toString('base64url');
  for (const token of [
    'secret-word',
    '..',
    'secret.word.x',
    `${good}.secret`,
    `${header}.${changed}.${signature}`,
    `${header}.${payload}.${signature.slice(0, -4)}`,
    `${critical}.${payload}.${signature}`,
    'secret'.repeat(2000),
  ]) {
    await refused(
      t,
      tokens,
      token,
      /^the token (?:does not hold|cannot be verified)((?!secret).)*$/,
      token.slice(0, 40),
    );
  }
});

t.test('what has not the form of a token is told so', async (t) => {
  const tokens = await open(BY_SECRET);
  await refused(t, tokens, 'sk_mistyped', /^the token does not hold: it has not the form of one \(JWT\)$/);
});

t.test('a set of keys: by kid, each for its own algorithm; an unknown kid does not hold', async (t) => {
  const jwk = async (key: KeyObject, kid: string, alg?: string) => ({
    ...(await exportJWK(key)),
    kid,
    ...(alg && { alg }),
  });
  const keys = [await jwk(rsa.publicKey, 'r', 'RS256'), await jwk(ec.publicKey, 'e'), await jwk(ed.publicKey, 'd')];
  const authJwtKey = join(t.testdir({ 'keys.json': JSON.stringify({ keys }) }), 'keys.json');
  const tokens = await open({ ...NO_KEY, authJwtKey });
  t.ok(await tokens.verify(await sign(CLAIMS, 'RS256', rsa.privateKey, 'r')));
  t.ok(await tokens.verify(await sign(CLAIMS, 'ES256', ec.privateKey, 'e')));
  t.ok(await tokens.verify(await sign(CLAIMS, 'EdDSA', ed.privateKey, 'd')));
  await refused(t, tokens, await sign(CLAIMS, 'RS256', rsa.privateKey, 'unknown'), /no applicable key found/);
  await refused(t, tokens, await sign(CLAIMS, 'RS512', rsa.privateKey, 'r'), /value not allowed/);
  await refused(t, tokens, await sign(CLAIMS, 'HS256', pemOf(rsa.publicKey), 'r'), /value not allowed/);
  await refused(t, tokens, await sign(CLAIMS, 'ES256', ec.privateKey, 'r'), /no applicable key found/);
});

t.test('a set of keys can hold no secret', async (t) => {
  const keys = [{ kty: 'oct', k: Buffer.from(SECRET).toString('base64url'), kid: 's', alg: 'HS256' }];
  const authJwtKey = join(t.testdir({ 'keys.json': JSON.stringify({ keys }) }), 'keys.json');
  const tokens = await open({ ...NO_KEY, authJwtKey });
  await refused(t, tokens, await sign(CLAIMS, 'HS256', SECRET, 's'), /value not allowed/);
});

t.test('keys that cannot be used are refused at the start', async (t) => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const directory = t.testdir({
    'rsa.pem': pemOf(rsa.publicKey),
    'private.pem': rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    'weak.pem': pemOf(weak.publicKey),
    'nonsense.pem': 'nonsense',
    'empty.json': '{}',
    'broken.json': '{ "keys": [\n s3cret',
  });
  const openFile = (name: string, authJwtAlgorithm = '') =>
    open({ ...NO_KEY, authJwtKey: join(directory, name), authJwtAlgorithm });
  await t.rejects(openFile('none.pem', 'RS256'), { message: /ENOENT/ });
  await t.rejects(openFile('rsa.pem'), { message: /^a PEM does not say its algorithm: set AUTH_JWT_ALGORITHM/ });
  await t.rejects(openFile('rsa.pem', 'ES256'));
  await t.rejects(openFile('private.pem', 'RS256'), { message: /^it is a private key/ });
  await t.rejects(openFile('weak.pem', 'RS256'), { message: /2048 bits/ });
  await t.rejects(openFile('nonsense.pem', 'RS256'));
  await t.rejects(openFile('empty.json'));
  await t.rejects(openFile('broken.json'), { message: 'it is not JSON' });
  await t.rejects(open({ ...NO_KEY, authJwtKey: 'http://id.example/keys' }), {
    message: 'the address of a key set must begin with https',
  });
});

t.test('a set with a key that cannot be used is refused at the start, naming it', async (t) => {
  const good = await exportJWK(ed.publicKey);
  const openSet = (...keys: object[]) => {
    const authJwtKey = join(t.testdir({ 'keys.json': JSON.stringify({ keys }) }), 'keys.json');
    return open({ ...NO_KEY, authJwtKey });
  };
  const bad = [
    { kty: 'OKP', crv: 'Ed25519', x: 'AA' },
    { kty: 'RSA', e: 'AQAB' },
    { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' },
    await exportJWK(ed.privateKey),
  ];
  for (const key of bad) {
    await t.rejects(openSet(good, key), { message: /^key 2 of the set: ./ }, JSON.stringify(key));
  }
  const weak = await exportJWK(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);
  await t.rejects(openSet(weak), { message: /^key 1 of the set: an RSA key must have at least 2048 bits/ });
  const others = [
    { kty: 'OKP', crv: 'Ed25519', x: 'AA', use: 'enc' },
    { kty: 'RSA', e: 'AQAB', alg: 'RSA-OAEP' },
    { kty: 'of next year' },
  ];
  const tokens = await openSet(good, ...others);
  t.ok(await tokens.verify(await sign(CLAIMS, 'EdDSA', ed.privateKey)), 'what tokens are not verified by may be there');
});
