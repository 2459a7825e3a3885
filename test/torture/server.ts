import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/** Compiles the server, because it is started hundreds of times; returns its directory, which is the caller's to remove. */
export function compileServer(): string {
  // Inside the package, so that the server finds itself and its dependencies.
  mkdirSync(join(ROOT, '.tap'), { recursive: true });
  const directory = mkdtempSync(join(ROOT, '.tap', 'torture-'));
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', directory], { cwd: ROOT });
  return directory;
}

/** What the log of a healthy server never says, however often it was killed. */
const BAD_NEWS = /"event":"(?:log-failed|log-damaged|stream-failed|crash)"|"level":60/;

/** A server that is killed and started again, always on the same port and the same data. */
export class TorturedServer {
  readonly port: number;
  /** What went wrong beside the kills. */
  readonly complaints: string[] = [];
  kills = 0;
  readonly #compiled: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #nodeOptions: readonly string[];
  #child: ChildProcess | undefined;
  #exit: Promise<unknown> = Promise.resolve();

  constructor(compiled: string, port: number, settings: Record<string, string>, nodeOptions: readonly string[] = []) {
    this.#compiled = compiled;
    this.#nodeOptions = nodeOptions;
    this.port = port;
    this.#env = { ...process.env, PORT: String(port), LOG: 'disk', DEMO: 'false', ...settings };
  }

  /** The process that runs now. @throws Error when it was never started */
  get process(): ChildProcess {
    if (this.#child === undefined) {
      throw new Error('the server has not been started');
    }
    return this.#child;
  }

  /** Starts the process; `ready` resolves when it listens, or has ended before. */
  start(): { readonly ready: Promise<void> } {
    const args = [...this.#nodeOptions, join(this.#compiled, 'src', 'server.js')];
    const child = spawn(process.execPath, args, { env: this.#env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    this.#child = child;
    this.#exit = once(child, 'close').then(([code, signal]) => {
      if (signal !== 'SIGKILL' && code !== 0) {
        this.complaints.push(`the server ended with code ${code}, signal ${signal}`);
      }
    });
    const isListening = new Promise<void>((resolve) => this.#listen(child, resolve));
    return { ready: Promise.race([isListening, this.#exit.then(() => {})]) };
  }

  /** Ends the process at once, as a power switch would. */
  async kill(): Promise<void> {
    this.kills++;
    this.#child?.kill('SIGKILL');
    await this.#exit;
  }

  /** Ends it properly. */
  async stop(): Promise<void> {
    this.#child?.kill('SIGTERM');
    await this.#exit;
  }

  #listen(child: ChildProcess, started: () => void): void {
    child.stderr?.on('data', (chunk: Buffer) => this.complaints.push(chunk.toString()));
    let rest = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      this.complaints.push(...lines.filter((line) => BAD_NEWS.test(line)));
      if (lines.some((line) => line.includes('"event":"start"'))) {
        started();
      }
    });
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
