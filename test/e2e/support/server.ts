import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** A hub in a process of its own, as a user starts it. */
export interface Server {
  /** Ends with a slash. */
  readonly url: string;
  /** Ends the process at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again on the same port with the same data. */
  restart(): Promise<void>;
  /** Ends it for good and removes its data. */
  stop(): Promise<void>;
}

export async function startServer(settings: Record<string, string> = {}): Promise<Server> {
  const data = await mkdtemp(join(tmpdir(), 'sluice-e2e-'));
  const env = { ...process.env, FASTIFY_AUTOLOAD_TYPESCRIPT: '1', DATA_DIR: data, DEMO: 'true', ...settings };
  let running = await launch({ ...env, PORT: '0' });
  const { url } = running;
  const kill = () => end(running.process);
  return {
    url: `${url}/`,
    kill,
    restart: async () => {
      running = await launch({ ...env, PORT: new URL(url).port });
    },
    stop: async () => {
      await kill();
      await rm(data, { recursive: true, force: true });
    },
  };
}

async function launch(env: NodeJS.ProcessEnv): Promise<{ process: ChildProcess; url: string }> {
  const process = spawn('node', ['--import=tsx', 'src/server.ts'], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const complaints: string[] = [];
  process.stderr.on('data', (text) => complaints.push(String(text)));
  for await (const line of createInterface(process.stdout)) {
    const { event, url } = JSON.parse(line);
    if (event === 'start') {
      process.stdout.resume();
      return { process, url };
    }
  }
  throw new Error(`the server did not start: ${complaints.join('')}`);
}

async function end(process: ChildProcess): Promise<void> {
  if (process.exitCode === null && process.signalCode === null) {
    process.kill('SIGKILL');
    await once(process, 'exit');
  }
}
