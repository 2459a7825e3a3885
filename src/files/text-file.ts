import { readFileSync, type Stats, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

/** @throws Error also for what is no file: to read a pipe might never end */
export function readTextSync(path: string): string {
  checkKind(path, statSync(path));
  return readFileSync(path, 'utf8');
}

/** The same, later. */
export async function readText(path: string): Promise<string> {
  checkKind(path, await stat(path));
  return readFile(path, 'utf8');
}

function checkKind(path: string, found: Stats): void {
  if (!found.isFile()) {
    throw Object.assign(new Error(`${path} is not a file`), { code: 'ENOTFILE' });
  }
}
