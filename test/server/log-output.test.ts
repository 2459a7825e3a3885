import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { mountTmpfs, skipMounts } from '../support/mount.js';
import { connect, request } from '../support/raw-client.js';
import { freePort } from '../torture/server.js';

const SRC = join(import.meta.dirname, '..', '..', 'src');
const NODE_ARGS = ['--import', import.meta.resolve('tsx')];
const PAGE_BYTES = 4096;

t.test(
  'on a full disk log lines are lost; when there is room, a line says how many',
  { skip: skipMounts },
  async (t) => {
    const directory = mountTmpfs(t, 'size=64k');
    const [log, page, ballast] = [join(directory, 'log'), join(directory, 'page'), join(directory, 'ballast')];
    writeFileSync(page, Buffer.alloc(PAGE_BYTES));
    writeFileSync(ballast, Buffer.alloc(32 * 1024));
    const script = `
    import { rmSync } from 'node:fs';
    import { createLogger } from ${JSON.stringify(join(SRC, 'server', 'pino-logger.ts'))};
    const log = createLogger('info');
    const tell = (count) => {
      for (let i = 1; i < count; i++) log.info({ event: 'told' }, 'x'.repeat(100));
      log.warn({ event: 'told' }, 'x'.repeat(100));
    };
    tell(500);
    rmSync(${JSON.stringify(page)});
    log.warn({ event: 'long' }, 'x'.repeat(${PAGE_BYTES - 160}));
    rmSync(${JSON.stringify(ballast)});
    tell(50);
    log.fatal('the end');
  `;
    const stdio: ['ignore', number, 'pipe'] = ['ignore', openSync(log, 'w'), 'pipe'];
    const args = [...NODE_ARGS, '--input-type=module', '-e', script];
    const { status, stderr } = spawnSync(process.execPath, args, { stdio, encoding: 'utf8', timeout: 20_000 });
    t.equal(status, 0);
    t.match(stderr, /^sluice: log lines are lost, standard output cannot be written: ENOSPC.*\n$/, 'told once');
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    const broken = lines.filter((line) => !line.endsWith('}'));
    t.ok(broken.length <= 2, 'those that were broken off');
    const whole = lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line));
    const told = whole.filter(({ event }) => event === 'told').length;
    t.ok(told > 50);
    t.ok(
      whole.some(({ event }) => event === 'long'),
      'with room for this one, but not for what was lost before it',
    );
    const losses = whole.filter(({ event }) => event === 'lines-lost');
    t.strictSame(
      losses.map(({ level, lost }) => ({ level, lost })),
      [{ level: 40, lost: 550 - told + 1 }],
    );
    t.equal(whole.at(-1)?.msg, 'the end');
  },
);

t.test('lines gather for a moment; a warning takes them along, and none is lost at the exit', async (t) => {
  const script = `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const write = fs.writeSync;
    let writes = 0;
    fs.writeSync = (...args) => { writes++; return write(...args); };
    syncBuiltinESMExports();
    const { createLogger } = await import(${JSON.stringify(join(SRC, 'server', 'pino-logger.ts'))});
    const log = createLogger('info');
    const told = (count) => { for (let i = 0; i < count; i++) log.info('told'); };
    told(20);
    console.error(writes);
    log.warn('now');
    console.error(writes);
    told(20);
    await new Promise((resolve) => setTimeout(resolve, 500));
    console.error(writes);
    told(20);
    process.exit();
  `;
  const args = [...NODE_ARGS, '--input-type=module', '-e', script];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 });
  t.equal(stderr, '0\n1\n2\n');
  const lines = stdout.trimEnd().split('\n');
  t.equal(lines.length, 61);
  t.match(lines[20], '"msg":"now"');
});

t.test('a reader that does not keep up is waited for, and gets every line', async (t) => {
  const script = `
    const { createLogger } = await import(${JSON.stringify(join(SRC, 'server', 'pino-logger.ts'))});
    const log = createLogger('info');
    for (let i = 0; i < 20_000; i++) log.info({ event: 'told', i }, 'x'.repeat(100));
  `;
  const child = spawn(process.execPath, [...NODE_ARGS, '--input-type=module', '-e', script]);
  t.teardown(() => child.kill('SIGKILL'));
  await new Promise((resolve) => setTimeout(resolve, 3000));
  t.equal(child.exitCode, null, 'it waits');
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  t.strictSame(await once(child, 'close'), [0, null]);
  const told = text.trimEnd().split('\n');
  t.equal(told.length, 20_000);
  t.ok(told.every((line, index) => JSON.parse(line).i === index));
});

t.test('a server whose log cannot be written serves, and stops properly', async (t) => {
  const port = await freePort();
  const env = { ...process.env, PORT: String(port), LOG: 'memory' };
  const command = ['-c', 'exec "$@" >/dev/full', 'sh', process.execPath, ...NODE_ARGS, join(SRC, 'server.ts')];
  const child = spawn('sh', command, { cwd: t.testdir(), env });
  t.teardown(() => child.kill('SIGKILL'));
  const [complaint] = await once(child.stderr, 'data');
  t.match(String(complaint), /^sluice: log lines are lost, standard output cannot be written: ENOSPC/);
  const watcher = await connect(t, port, request('GET /sse/a'));
  await watcher.until(/connected/);
  child.kill('SIGTERM');
  t.strictSame(await once(child, 'close'), [0, null]);
  t.match(watcher.text, /\n\nretry: \d+\n\n$/);
});
