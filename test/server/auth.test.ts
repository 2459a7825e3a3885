import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import { bearer, keyFile, secretOf } from '../support/keys.js';
import { connect, request } from '../support/raw-client.js';
import { spawnServer, startServer } from './process.js';

const KEYS = { web: { publish: ['*'], subscribe: ['*'] }, other: { subscribe: ['*'] } };

t.test(
  'a server that others reach does not start with nothing configured: one line, the ways on, exit code 1',
  async (t) => {
    for (const HOST of ['0.0.0.0', '::']) {
      const server = spawnServer(t, { HOST });
      t.strictSame(await server.exit, { code: 1, signal: null });
      t.match(
        server.stderr,
        /^sluice: HOST: others reach \S+, and nothing says who may .+ AUTH_KEYS_FILE .+ AUTH=off .+\n$/,
      );
      t.equal(server.stdout, '');
    }
  },
);

t.test('keys that cannot be used stop the start in one line', async (t) => {
  const set = '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"}]}';
  const cwd = t.testdir({ 'keys.json': '[{"name":"a"}]', 'key.pem': 'nonsense', 'set.json': set });
  spawnSync('mkfifo', [join(cwd, 'pipe')]);
  for (const [env, problem] of [
    [
      { AUTH_KEYS_FILE: 'none.json' },
      /^sluice: AUTH_KEYS_FILE \(none\.json\) cannot be used: there is no such file; .+\n$/,
    ],
    [{ AUTH_KEYS_FILE: 'keys.json' }, /^sluice: AUTH_KEYS_FILE \(keys\.json\) cannot be used: key 1: .+\n$/],
    [
      { AUTH_JWT_KEY: 'a secret put into the wrong setting' },
      /^sluice: AUTH_JWT_KEY cannot be used: ENOENT, there is no file of that name that can be read\n$/,
    ],
    [{ AUTH_JWT_KEY: 'pipe' }, /^sluice: AUTH_JWT_KEY \(pipe\) cannot be used: ENOTFILE.+\n$/],
    [{ AUTH_JWT_KEY: 'set.json' }, /^sluice: AUTH_JWT_KEY \(set\.json\) cannot be used: key 1 of the set: .+\n$/],
    [{ AUTH_JWT_KEY: 'key.pem' }, /^sluice: AUTH_JWT_KEY \(key\.pem\) cannot be used: a PEM does not say .+\n$/],
  ] as const) {
    const server = spawnServer(t, { ...env, LOG: 'memory' }, cwd);
    t.strictSame(await server.exit, { code: 1, signal: null });
    t.match(server.stderr, problem);
  }
});

t.test('the start says who gets in, and that a proxy makes it public', async (t) => {
  const cwd = t.testdir({ 'keys.json': keyFile(KEYS) });
  for (const [env, auth, access] of [
    [{}, 'local', /^this machine only; before a proxy on it makes this public, set AUTH_KEYS_FILE/],
    [{ AUTH: 'off', HOST: '0.0.0.0' }, 'off', /^EVERYBODY who reaches it .+ a proxy on this machine makes it public$/],
    [{ AUTH_KEYS_FILE: 'keys.json', HOST: '0.0.0.0' }, 'on', /^those with an API key or token$/],
  ] as const) {
    const server = await startServer(t, { ...env, LOG: 'memory' }, cwd);
    t.match(await server.logged('start'), { auth, access });
    server.child.kill('SIGKILL');
    await server.exit;
  }
});

t.test('on the loopback nothing from elsewhere gets through, byte for byte', async (t) => {
  const { port } = await startServer(t, { LOG: 'memory' });
  const ask = async (text: string) => {
    const client = await connect(t, port, text);
    const answer = await client.until(/\r\n\r\n.*\}/s);
    client.socket.destroy();
    return answer;
  };
  for (const text of [
    request('GET /streams', { host: 'evil.example' }),
    request('GET /streams', { host: '' }),
    request('GET /streams', { origin: 'https://evil.example' }),
    request('GET /streams', { 'X-FORWARDED-FOR': '127.0.0.1' }),
    'GET http://evil.example/streams HTTP/1.1\r\nhost: evil.example\r\n\r\n',
    'GET /streams HTTP/1.0\r\n\r\n',
    'GET /streams HTTP/1.0\r\nhost: 127.0.0.1:3000\r\n\r\n',
  ]) {
    t.match(await ask(text), /^HTTP\/1\.[01] 403 .+SLUICE_LOCAL_ONLY.+AUTH=off/s, JSON.stringify(text));
  }
  t.match(await ask(request('GET /streams')), /^HTTP\/1\.1 200/);
});

t.test('two Authorization headers, control characters and whitespace in a key are refused on the wire', async (t) => {
  const cwd = t.testdir({ 'keys.json': keyFile(KEYS) });
  const server = await startServer(t, { AUTH_KEYS_FILE: 'keys.json', LOG: 'memory' }, cwd);
  const key = `Bearer ${secretOf('web')}`;
  const status = async (lines: string) => {
    const client = await connect(t, server.port, `GET /metrics HTTP/1.1\r\nhost: localhost\r\n${lines}\r\n\r\n`);
    const answer = await client.until(/\r\n\r\n./s);
    client.socket.destroy();
    t.notOk(answer.includes(secretOf('web')), 'the key is not repeated');
    return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
  };
  t.equal(await status(`authorization: ${key}`), 200);
  t.equal(await status(`AUTHORIZATION:   ${key}  `), 200, 'whitespace around a header is none of it');
  t.equal(await status(`authorization: ${key}\r\nauthorization: ${key}`), 401);
  t.equal(await status(`authorization: ${key}\r\nAuthorization: Bearer x`), 401);
  t.equal(await status(`authorization: Bearer x\r\nAuthorization: ${key}`), 401);
  t.equal(await status(`authorization: ${key}\u0000`), 400);
  t.equal(await status(`authorization: ${key}\r\n x`), 400, 'folded');
  t.equal(await status(`authorization: ${key} x`), 401);
  t.equal(await status(`authorization: ${key}\tx`), 401);
  t.equal(await status(`authorization: ${key}\u00a0`), 401);
  server.child.kill('SIGTERM');
  await server.exit;
  t.notOk(server.stdout.includes(secretOf('web')));
});

async function watch(url: string, name: string): Promise<IncomingMessage> {
  const [response] = await once(get(url, { headers: bearer(name) }), 'response');
  return response;
}

t.test('a key that is removed while it watches ends within a second, with a word before; others stay', async (t) => {
  const cwd = t.testdir({ 'keys.json': keyFile(KEYS) });
  const server = await startServer(t, { AUTH_KEYS_FILE: 'keys.json', LOG: 'memory' }, cwd);
  const [web, other] = await Promise.all([watch(`${server.url}/sse/a`, 'web'), watch(`${server.url}/sse/a`, 'other')]);
  let [text, othersText] = ['', ''];
  web.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  other.on('data', (chunk: Buffer) => {
    othersText += chunk.toString();
  });
  writeFileSync(join(cwd, 'keys.json~'), keyFile({ other: KEYS.other }));
  const removed = performance.now();
  renameSync(join(cwd, 'keys.json~'), join(cwd, 'keys.json'));
  await once(web, 'end');
  t.ok(performance.now() - removed < 1000, 'within a second');
  t.match(text, /event: expiring\ndata: \{"message":"your access was revoked","expires":\d+\}\n\nretry: \d+\n\n$/);
  t.match(await server.logged('disconnect'), { reason: 'revoked' });
  t.match(
    server.lines.find(({ event }) => event === 'connect'),
    { principal: /^key:(web|other)$/ },
  );
  const again = await fetch(`${server.url}/sse/a`, { headers: bearer('web') });
  t.equal(again.status, 401);
  t.notOk(other.readableEnded);
  t.notMatch(othersText, /expiring/);
});

t.test('a broken file of keys is said in the log, and the keys before go on', async (t) => {
  const cwd = t.testdir({ 'keys.json': keyFile(KEYS) });
  const server = await startServer(t, { AUTH_KEYS_FILE: 'keys.json', LOG: 'memory' }, cwd);
  writeFileSync(join(cwd, 'keys.json'), `[{"name":"${secretOf('web')}"`);
  t.match(await server.logged('keys-rejected'), { level: 50, reason: 'it is not JSON' });
  const response = await fetch(`${server.url}/metrics`, { headers: bearer('web') });
  t.equal(response.status, 200);
});

t.test('X-Forwarded-* counts only from a proxy that TRUST_PROXY names', async (t) => {
  const cwd = t.testdir({ 'keys.json': keyFile(KEYS) });
  const ipOf = async (TRUST_PROXY: string) => {
    const server = await startServer(t, { AUTH_KEYS_FILE: 'keys.json', LOG: 'memory', TRUST_PROXY }, cwd);
    const headers = { ...bearer('web'), 'x-forwarded-for': '203.0.113.5' };
    const [response] = await once(get(`${server.url}/sse/a`, { headers }), 'response');
    response.destroy();
    const { ip } = await server.logged('connect');
    server.child.kill('SIGKILL');
    await server.exit;
    return ip;
  };
  t.equal(await ipOf(''), '127.0.0.1');
  t.equal(await ipOf('10.0.0.0/8'), '127.0.0.1');
  t.equal(await ipOf('loopback'), '203.0.113.5');
});

t.test('neither keys, tokens nor cookies are in the log, in errors or in the metrics', async (t) => {
  const cwd = t.testdir({ 'keys.json': keyFile(KEYS) });
  const server = await startServer(t, { AUTH_KEYS_FILE: 'keys.json', LOG: 'memory', LOG_LEVEL: 'trace' }, cwd);
  const { url } = server;
  const secrets = [secretOf('web'), secretOf('nobody')];
  const answers: string[] = [];
  const ask = async (path: string, init: RequestInit = {}) =>
    answers.push(await (await fetch(url + path, init)).text());
  for (const secret of secrets) {
    const authorization = { authorization: `Bearer ${secret}` };
    const cookie = { cookie: `sluice=${secret}` };
    const json = { 'content-type': 'application/json' };
    await ask('/session', { method: 'POST', headers: authorization });
    await ask('/session', { headers: cookie });
    await ask('/sse/a', { method: 'POST', headers: { ...authorization, ...json }, body: '{"a":1}' });
    await ask('/sse/a', { method: 'POST', headers: { ...cookie, ...json }, body: '{"a":1}' });
    await ask('/sse/a', { method: 'POST', headers: { ...authorization, ...json }, body: '{' });
    await ask(`/sse/a b?token=${secret}`, { headers: authorization });
    await ask(`/nothing?token=${secret}`, { headers: authorization });
    await ask(`/streams?limit=x&token=${secret}`, { headers: authorization });
    const controller = new AbortController();
    await fetch(`${url}/sse/a?token=${secret}`, { headers: authorization, signal: controller.signal });
    controller.abort();
  }
  await ask('/metrics', { headers: bearer('web') });
  server.child.kill('SIGTERM');
  await server.exit;
  t.match(server.stdout, /"event":"connect"/);
  for (const text of [server.stdout, server.stderr, ...answers]) {
    t.notOk(secrets.some((secret) => text.includes(secret)));
  }
});
