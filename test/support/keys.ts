import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { KeyEntry } from '../../src/access/api-keys/key-list.js';
import { digestOf } from '../../src/access/api-keys/key-ring.js';
import type { SluiceOptions } from '../../src/app.js';
import { build, type TestApp } from './build.js';

/** The secret that a test uses for a key of a name: well formed, and always the same. */
export function secretOf(name: string): string {
  return `sk_${Buffer.from(name.padEnd(32, '.')).toString('base64url')}`;
}

/** What a request with the key of a name has to say so. */
export function bearer(name: string): Record<string, string> {
  return { authorization: `Bearer ${secretOf(name)}` };
}

type KeyRights = Partial<Omit<KeyEntry, 'name' | 'sha256'>>;

/** A file of keys as text. */
export function keyFile(keys: Record<string, KeyRights>): string {
  const entries = Object.entries(keys).map(([name, rights]) => ({
    name,
    sha256: digestOf(secretOf(name)),
    publish: [],
    subscribe: [],
    ...rights,
  }));
  return JSON.stringify(entries);
}

interface GuardedApp extends TestApp {
  /** Path of its file of keys. */
  readonly path: string;
}

/** A hub with `AUTH=on` and these keys. */
export async function guard(
  t: Test,
  keys: Record<string, KeyRights>,
  options: SluiceOptions = {},
): Promise<GuardedApp> {
  const path = join(t.testdir(), 'keys.json');
  writeFileSync(path, keyFile(keys));
  return { path, ...(await build(t, { auth: 'on', authKeysFile: path, ...options })) };
}
