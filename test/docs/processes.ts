import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entry } from '../support/entry.js';

const DEADLINE_MS = 20_000;

/** A directory without `.env`, where curl fails on an HTTP error instead of printing it. */
const directory = mkdtempSync(join(tmpdir(), 'sluice-docs-'));
writeFileSync(join(directory, '.curlrc'), 'fail-with-body\nno-progress-meter\n');
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));

/** A process whose output can be waited for. */
export class Running {
  readonly #child: ChildProcess;
  readonly #name: string;
  output = '';

  constructor(command: string, args: string[], env: NodeJS.ProcessEnv = {}) {
    this.#name = args.at(-1) ?? command;
    const options = { cwd: directory, detached: true, env: { ...process.env, CURL_HOME: directory, ...env } };
    this.#child = spawn(command, args, options);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        this.#child.emit('output');
      });
    }
    this.#child.once('close', () => this.#child.emit('output'));
  }

  /** Resolves once the output holds. Fails when the process ends before, or in time does not get there. */
  async until(holds: (output: string) => boolean): Promise<string> {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    while (!holds(this.output)) {
      if (this.#child.exitCode !== null || signal.aborted) {
        throw new Error(`${this.#name}\nhas only shown:\n${this.output}`);
      }
      await once(this.#child, 'output', { signal }).catch(() => undefined);
    }
    return this.output;
  }

  async exitCode(): Promise<number | null> {
    if (this.#child.exitCode === null) {
      await once(this.#child, 'close');
    }
    return this.#child.exitCode;
  }

  /** Ends it and what it started. */
  async stop(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid !== undefined && exitCode === null && signalCode === null) {
      process.kill(-pid, 'SIGTERM');
      await once(this.#child, 'close');
    }
  }
}

export interface Server {
  readonly url: string;
  readonly running: Running;
}

/** The standalone server as `npm start` runs it, but on a free port. */
export async function startServer(env: NodeJS.ProcessEnv = {}): Promise<Server> {
  const running = new Running(process.execPath, entry('src/server'), {
    PORT: '0',
    ...env,
  });
  const output = await running.until((text) => text.includes('"event":"start"'));
  const [, url = ''] = /"url":"([^"]+)"/.exec(output) ?? [];
  return { url, running };
}
