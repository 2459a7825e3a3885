import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { spawnServer, startServer } from './process.js';

async function listenAnywhere(t: { teardown(end: () => void): void }): Promise<number> {
  const server = createServer();
  t.teardown(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

t.test('a setting that cannot be used is one line that names it, and exit code 1', async (t) => {
  const settings: [string, string][] = [
    ['PORT', 'abc'],
    ['MAX_EVENT_BYTES', '0'],
    ['DEFAULT_STREAMS', 'a b'],
  ];
  for (const [name, value] of settings) {
    const server = spawnServer(t, { [name]: value });
    t.strictSame(await server.exit, { code: 1, signal: null }, name);
    t.match(server.stderr, new RegExp(`^sluice: ${name}: .+\n$`), name);
    t.equal(server.stdout, '', name);
  }
});

t.test('a taken port is one line that says what to do, and exit code 1', async (t) => {
  const port = await listenAnywhere(t);
  const server = spawnServer(t, { PORT: String(port) });
  t.strictSame(await server.exit, { code: 1, signal: null });
  t.equal(
    server.stderr,
    `sluice: port ${port} on 127.0.0.1 is taken: stop what listens there or set PORT to another\n`,
  );
});

t.test('an address of another machine is one line that says what to do, and exit code 1', async (t) => {
  const server = spawnServer(t, { HOST: '192.0.2.1', AUTH: 'off', LOG: 'memory' });
  t.strictSame(await server.exit, { code: 1, signal: null });
  t.equal(
    server.stderr,
    'sluice: 192.0.2.1 is no address of this machine: set HOST to one of its own, or to 0.0.0.0 for all\n',
  );
});

for (const code of ['ENOTFOUND', 'EAI_AGAIN']) {
  t.test(`so is a name that cannot be resolved (${code})`, async (t) => {
    const fail = `
      import dns from 'node:dns';
      import { syncBuiltinESMExports } from 'node:module';
      dns.promises.lookup = async () => { throw Object.assign(new Error(), { code: '${code}', syscall: 'getaddrinfo' }) };
      syncBuiltinESMExports();`;
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(fail)}`;
    const server = spawnServer(t, { HOST: 'nowhere.invalid', AUTH: 'off', LOG: 'memory', NODE_OPTIONS });
    t.strictSame(await server.exit, { code: 1, signal: null });
    t.equal(
      server.stderr,
      'sluice: nowhere.invalid is no name that can be resolved: set HOST to an address, or to 0.0.0.0 for all\n',
    );
  });
}

/** Ports below it take a right; 0 where none does, as in many containers. */
const firstFreePort = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));

if (firstFreePort > 1) {
  t.test('so is a port that takes a right which the process does not have', async (t) => {
    const command = process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-net_bind_service'] : [];
    const server = spawnServer(t, { PORT: '1', LOG: 'memory' }, undefined, command);
    t.strictSame(await server.exit, { code: 1, signal: null });
    t.equal(server.stderr, 'sluice: port 1 needs CAP_NET_BIND_SERVICE: grant it, or set PORT to 1024 or above\n');
  });
}

t.test('a start that takes long, as with a large history, is not given up', async (t) => {
  const hurry = 'const wait = setTimeout; globalThis.setTimeout = (end, ms, ...args) => wait(end, ms / 1000, ...args)';
  const server = await startServer(t, { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hurry)}` });
  t.equal((await fetch(`${server.url}/readyz`)).status, 200);
});

t.test('piped output is JSON lines, and says where to look and what to try', async (t) => {
  const server = await startServer(t);
  const { url } = server;
  const start = await server.logged('start');
  t.match(start, { url, dashboard: `${url}/`, docs: `${url}/docs` });
  t.strictSame(start.try, [
    `curl -N ${url}/stream`,
    `curl -N ${url}/events`,
    `curl -H 'content-type: text/plain' -d 'hello, world' ${url}/sse/hello`,
  ]);
  server.child.kill('SIGTERM');
  await server.exit;
  const lines = server.stdout.trimEnd().split('\n');
  t.ok(lines.length >= 3);
  t.doesNotThrow(() => lines.map((line) => JSON.parse(line)));
  t.equal(server.stderr, '');
});

t.test('.env of the working directory is read; the environment wins', async (t) => {
  const cwd = t.testdir({ '.env': 'DEFAULT_STREAMS=a,b\nPORT=abc\nDEMO=false\n' });
  const { url, lines } = await startServer(t, {}, cwd);
  const { streams } = (await (await fetch(url)).json()) as { streams: unknown };
  t.strictSame(streams, ['a', 'b']);
  t.match(lines.find(({ event }) => event === 'start')?.try, [`curl -N ${url}/sse/hello`], 'no demo to look at');
});

t.test('.env may begin with a byte order mark; one that cannot be read is one line', async (t) => {
  const cwd = t.testdir({ '.env': '\uFEFFDEFAULT_STREAMS=a,b\nDEMO=false\nLOG_LEVEL=none\n' });
  const { url } = await startServer(t, { LOG_LEVEL: '' }, cwd);
  t.match(await (await fetch(url)).json(), { streams: ['a', 'b'] });
  const server = spawnServer(t, {}, t.testdir({ '.env': {} }));
  t.strictSame(await server.exit, { code: 1, signal: null });
  t.match(server.stderr, /^sluice: \.env cannot be read: EISDIR.*\n$/);
});

t.test('a name that is almost that of a setting is told', async (t) => {
  const cwd = t.testdir({ '.env': 'DATADIR=x\nSOMETHING_ELSE=1\n' });
  const server = await startServer(t, { MAX_CONECTIONS: '5', AUTH_KEY_FILE: 'k', LOG: 'memory' }, cwd);
  await server.logged('unknown-setting');
  server.child.kill('SIGTERM');
  await server.exit;
  t.strictSame(
    server.lines
      .filter(({ event }) => event === 'unknown-setting')
      .map(({ level, name, meant }) => [level, name, meant])
      .sort(),
    [
      [40, 'AUTH_KEY_FILE', 'AUTH_KEYS_FILE'],
      [40, 'DATADIR', 'DATA_DIR'],
      [40, 'MAX_CONECTIONS', 'MAX_CONNECTIONS'],
    ],
  );
});

t.test('also where the start fails, as it may be the cause', async (t) => {
  const server = spawnServer(t, { HOST: '0.0.0.0', AUTH_KEY_FILE: 'keys.json' });
  t.strictSame(await server.exit, { code: 1, signal: null });
  const [cause, slip, ...others] = server.stderr.split('\n');
  t.match(cause, /^sluice: .*AUTH_KEYS_FILE/);
  t.equal(slip, 'sluice: AUTH_KEY_FILE is no setting: was AUTH_KEYS_FILE meant?');
  t.strictSame(others, ['']);
});

t.test('the start says which history there is, and before that that a large one is verified', async (t) => {
  const cwd = t.testdir();
  const first = await startServer(t, { LOG: 'disk', DEMO: 'false', MAX_CONNECTIONS: '77' }, cwd);
  const start = first.lines.find(({ event }) => event === 'start');
  t.match(start, { version: /^\d/, history: join(cwd, 'data'), events: 0, streams: 0, maxConnections: 77 });
  const batch = Array.from({ length: 16 }, () => ({ stream: 'a', data: 'x'.repeat(250_000) }));
  for (let i = 0; i < 5; i++) {
    const answer = await fetch(`${first.url}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(batch),
    });
    t.equal(answer.status, 201);
  }
  first.child.kill('SIGKILL');
  await first.exit;
  const again = await startServer(t, { LOG: 'disk', DEMO: 'false' }, cwd);
  const told = again.lines.filter(({ event }) => event === 'log-opening' || event === 'start');
  t.match(told, [
    { event: 'log-opening', directory: join(cwd, 'data') },
    { event: 'start', events: 80, streams: 1 },
  ]);
  t.ok(Number(told[0]?.bytes) > 16_000_000);
});

t.test('PORT and HOST say where it listens', async (t) => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  const server = await startServer(t, { PORT: String(port), HOST: 'localhost' });
  t.equal(server.port, port);
  t.equal((await fetch(`${server.url}/livez`)).status, 200);
});

/** Gives the name `localhost` two addresses, as it has on most machines: there one is of IPv6. */
const TWO_ADDRESSES = `
  import dns from 'node:dns';
  import { syncBuiltinESMExports } from 'node:module';
  const both = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
  const of = (name) => (name === 'localhost' ? both : [{ address: name, family: 4 }]);
  const answer = (found, { all }, done) => (all ? done(null, found) : done(null, found[0].address, found[0].family));
  dns.lookup = (name, options, done = options) => process.nextTick(answer, of(name), options, done);
  dns.promises.lookup = async (name) => of(name)[0];
  syncBuiltinESMExports();
`;

t.test('of a name with two addresses it listens at one, the one that it tells', async (t) => {
  const preload = `data:text/javascript,${encodeURIComponent(TWO_ADDRESSES)}`;
  const server = await startServer(t, { HOST: 'localhost', NODE_OPTIONS: `--import=${preload}`, LOG: 'memory' });
  t.equal(server.url, `http://127.0.0.1:${server.port}`);
  t.equal((await fetch(`${server.url}/livez`)).status, 200);
  const outcome = await new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.2', () => resolve('connected'));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
    t.teardown(() => socket.destroy());
  });
  t.equal(outcome, 'ECONNREFUSED', 'where nobody would look after its streams');
});

t.test('uptime is in seconds, to the millisecond', async (t) => {
  const { url } = await startServer(t, { LOG: 'memory' });
  const { uptime } = (await (await fetch(url)).json()) as { uptime: number };
  t.match(String(uptime), /^\d{1,2}(?:\.\d{1,3})?$/);
});
