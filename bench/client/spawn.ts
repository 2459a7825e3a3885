import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Commands } from './protocol.js';

const MAIN = join(import.meta.dirname, 'main.ts');

/** The load client in a process of its own. */
export interface Client {
  /** @throws Error with what went wrong over there */
  call<K extends keyof Commands>(command: K, ...options: Parameters<Commands[K]>): ReturnType<Commands[K]>;
  stop(): Promise<void>;
}

/** @param cpu core to pin it to; needs `taskset` */
export function spawnClient(cpu?: number): Client {
  const command = [process.execPath, '--import=tsx', MAIN];
  const [file = '', ...args] = cpu === undefined ? command : ['taskset', '-c', String(cpu), ...command];
  const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exit = once(child, 'exit').then(() => {
    throw new Error('the load client ended');
  });
  exit.catch(() => {});
  return {
    call: (async (command: keyof Commands, options: unknown) => {
      child.send({ command, options });
      const [{ result, error }] = await Promise.race([once(child, 'message'), exit]);
      if (error !== undefined) {
        throw new Error(`${command}: ${error}`);
      }
      return result;
    }) as Client['call'],
    async stop() {
      child.kill('SIGKILL');
      await exit.catch(() => {});
    },
  };
}
