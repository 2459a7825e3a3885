import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A server under load, in a process of its own. */
export interface Child {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * Starts a server and waits for the line that names its address.
 * @param cpu core to pin it to; needs `taskset`
 */
export async function startChild(args: readonly string[], env: NodeJS.ProcessEnv, cpu?: number): Promise<Child> {
  const [command = process.execPath, ...rest] =
    cpu === undefined ? [process.execPath, ...args] : ['taskset', '-c', String(cpu), process.execPath, ...args];
  const child = spawn(command, rest, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await addressOf(child);
  return {
    url,
    pid: child.pid ?? 0,
    stop: () => end(child),
  };
}

/** Ends a process, if it has not ended by itself. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}

async function addressOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) {
    throw new Error('the server has no output');
  }
  for await (const line of createInterface(child.stdout)) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
    if (url !== undefined) {
      child.stdout.resume();
      return url;
    }
  }
  throw new Error('the server ended without saying where it listens');
}
