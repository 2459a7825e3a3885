import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import t, { type Test } from 'tap';
import { publish } from '../../client/index.js';
import { entry } from '../support/entry.js';
import { eventually } from '../wire/serve.js';
import { watch } from './support.js';

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The standalone server as a process of its own, with its log in memory. */
async function startServer(t: Test, port: number): Promise<ChildProcess> {
  const env = {
    ...process.env,
    PORT: String(port),
    LOG: 'memory',
    LOG_LEVEL: 'silent',
    DEMO: 'false',
    RETRY_MS: '100',
  };
  const child = spawn(process.execPath, entry('src/server'), {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}/livez`;
  const isUp = () =>
    fetch(url)
      .then((response) => response.ok)
      .catch(() => false);
  while (!(await isUp())) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return child;
}

async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  if (signal !== 'SIGSTOP') {
    await once(child, 'exit');
  }
}

t.test('survives a server that is killed and started again, and is told what that cost', async (t) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const first = await startServer(t, port);
  const { connection, verdicts, interruptions } = watch(t, `${url}/events?streams=a`);
  const seen: unknown[] = [];
  connection.on(({ data }) => seen.push(data));
  await eventually(() => verdicts.length === 1);
  await publish(url, 'a', 'before');
  await eventually(() => seen.length === 1);
  await kill(first, 'SIGKILL');
  await eventually(() => interruptions().length > 0);
  await startServer(t, port);
  await eventually(() => verdicts.length === 2);
  t.match(verdicts[1], { resume: 'gap', reason: 'epoch' }, 'the log in memory is gone, and it says so');
  await publish(url, 'a', 'after');
  await eventually(() => seen.length === 2);
  t.strictSame(seen, ['before', 'after']);
  t.ok(
    interruptions().every((code) => code === 'network' || code === 'ended'),
    interruptions().join(),
  );
});

t.test('notices a server that stalls, and resumes exactly when it goes on', async (t) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = await startServer(t, port);
  const { connection, verdicts, interruptions } = watch(t, `${url}/events?streams=a`, { heartbeatMs: 40 });
  const seen: unknown[] = [];
  connection.on(({ data }) => seen.push(data));
  await eventually(() => verdicts.length >= 1);
  await publish(url, 'a', 'before');
  await eventually(() => seen.length === 1);
  await kill(child, 'SIGSTOP');
  await eventually(() => interruptions().length > 1);
  child.kill('SIGCONT');
  await publish(url, 'a', 'after');
  await eventually(() => seen.length === 2);
  t.strictSame(seen, ['before', 'after']);
  t.ok(interruptions().includes('silent'), interruptions().join());
  t.ok(verdicts.length > 1);
  t.ok(verdicts.slice(1).every(({ resume }) => resume === 'exact'));
});
