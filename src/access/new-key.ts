import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { type KeyEntry, parseKeyList } from './key-list.js';
import { digestOf } from './key-ring.js';

const SECRET_BYTES = 32;

/**
 * Makes an API key and adds it to a file of keys, which is made where there is none.
 * @returns the secret, which nothing else keeps
 * @throws Error for a file or key that cannot be used; the file is as before then
 */
export async function addKey(path: string, key: Omit<KeyEntry, 'sha256'>): Promise<string> {
  const secret = `sk_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  const keys = [...(await readKeys(path)), { ...key, sha256: digestOf(secret) }];
  const text = `${JSON.stringify(keys, undefined, 2)}\n`;
  parseKeyList(text);
  await replace(path, text);
  return secret;
}

async function readKeys(path: string): Promise<KeyEntry[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return '[]';
    }
    throw error;
  });
  return parseKeyList(text);
}

/** In one step, so that a server that watches the file never sees half of it. */
async function replace(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, path);
}
