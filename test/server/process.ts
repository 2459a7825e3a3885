import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Test } from 'tap';
import { entry } from '../support/entry.js';

/** A machine that is busy with other tests would rightly have it refuse publishes; `test/limits/overload.test.ts` asks for that. */
const PATIENT = { MAX_EVENT_LOOP_LAG_MS: '0' };

interface LogLine {
  readonly event?: string;
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A server in a process of its own, in an empty directory, ended with the test. */
interface ServerProcess {
  readonly child: ChildProcess;
  readonly stdout: string;
  readonly stderr: string;
  /** Lines of output that are JSON. */
  readonly lines: LogLine[];
  readonly exit: Promise<Exit>;
  /** Resolves with the first log line of an event; rejects when the process ends without it. */
  logged(event: string): Promise<LogLine>;
}

/** @param wrapper a command that runs it, with its arguments; none by default */
export function spawnServer(
  t: Test,
  env: Record<string, string> = {},
  cwd = t.testdir(),
  wrapper: readonly string[] = [],
): ServerProcess {
  const [command = '', ...args] = [...wrapper, process.execPath, ...entry('src/server')];
  const child = spawn(command, args, { cwd, env: { ...process.env, PORT: '0', ...PATIENT, ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  let isOver = false;
  const exit = once(child, 'close').then(([code, signal]): Exit => {
    isOver = true;
    return { code, signal };
  });
  t.teardown(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  const server: ServerProcess = {
    child,
    exit,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    get lines() {
      return stdout
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .flatMap(parse);
    },
    async logged(event) {
      for (;;) {
        const found = server.lines.find((line) => line.event === event);
        if (found !== undefined) {
          return found;
        }
        if (isOver) {
          throw new Error(`the server ended without '${event}': ${stdout}${stderr}`);
        }
        await Promise.race([once(child.stdout, 'data'), exit]);
      }
    },
  };
  return server;
}

export interface RunningServer extends ServerProcess {
  readonly url: string;
  readonly port: number;
}

/** A server that listens. */
export async function startServer(t: Test, env: Record<string, string> = {}, cwd?: string): Promise<RunningServer> {
  const server = spawnServer(t, env, cwd);
  const { url } = await server.logged('start');
  return Object.assign(server, { url: String(url), port: Number(new URL(String(url)).port) });
}

/** A line may be there only in part yet. */
function parse(line: string): LogLine[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}
