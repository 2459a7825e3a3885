import { randomBytes } from 'node:crypto';
import { open, readFile, realpath, rm } from 'node:fs/promises';
import writeFile from 'write-file-atomic';
import { checkNewKey, type KeyEntry, parseKeyList } from './key-list.js';
import { digestOf } from './key-ring.js';

const SECRET_BYTES = 32;

/**
 * Makes an API key and adds it to a file of keys, which is made where there is none.
 * @returns the secret, which nothing else keeps
 * @throws Error for a file or key that cannot be used, or while another key is added; the file is as before then
 */
export async function addKey(path: string, key: Omit<KeyEntry, 'sha256'>): Promise<string> {
  const secret = `sk_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  await whileLocked(path, () => append(path, { ...key, sha256: digestOf(secret) }));
  return secret;
}

/** Of two that read, add and write at once, one would undo what the other has done. */
async function whileLocked(path: string, work: () => Promise<void>): Promise<void> {
  const lock = `${await realpath(path).catch(() => path)}.lock`;
  const file = await open(lock, 'wx').catch((error: NodeJS.ErrnoException) => {
    const cause = `another key is being added to ${path}: try again; if none is, one that was killed left ${lock}: remove it`;
    throw new Error(error.code === 'EEXIST' ? cause : `cannot write beside ${path}: ${error.message}`);
  });
  try {
    await file.close();
    await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function append(path: string, entry: KeyEntry): Promise<void> {
  const known = await readKeys(path);
  checkNewKey(entry, known ?? []);
  const text = `${JSON.stringify([...(known ?? []), entry], undefined, 2)}\n`;
  // In one step, so that a server that watches the file never sees half of it. One that is there keeps its mode, its owner,
  // and the links to it.
  await writeFile(path, text, known === undefined ? { mode: 0o600 } : {});
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
