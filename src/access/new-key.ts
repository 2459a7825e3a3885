import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import writeFile from 'write-file-atomic';
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
  const known = await readKeys(path);
  const text = `${JSON.stringify([...(known ?? []), { ...key, sha256: digestOf(secret) }], undefined, 2)}\n`;
  parseKeyList(text);
  // In one step, so that a server that watches the file never sees half of it. One that is there keeps its mode, its owner,
  // and the links to it.
  await writeFile(path, text, known === undefined ? { mode: 0o600 } : {});
  return secret;
}

/** Undefined where there is no file yet. */
async function readKeys(path: string): Promise<KeyEntry[] | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') {
      throw error;
    }
  });
  return text === undefined ? undefined : parseKeyList(text);
}
