import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { SignJWT } from 'jose';

/** What a key or token allows. */
export interface Allowed {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

export const EVERYTHING: Allowed = { publish: ['*'], subscribe: ['*'] };
export const JWT_SECRET = 'a secret of the tests, long enough for HS256';

/** Writes a file of API keys; resolves to their secrets by name. */
export async function writeKeys<Name extends string>(
  path: string,
  keys: Readonly<Record<Name, Allowed>>,
): Promise<Record<Name, string>> {
  const made = Object.entries<Allowed>(keys).map(([name, allowed]) => {
    const secret = `sk_${randomBytes(32).toString('base64url')}`;
    return { secret, entry: { name, sha256: createHash('sha256').update(secret).digest('hex'), ...allowed } };
  });
  await writeFile(path, JSON.stringify(made.map(({ entry }) => entry)));
  return Object.fromEntries(made.map(({ secret, entry }) => [entry.name, secret])) as Record<Name, string>;
}

/** @param expires epoch milliseconds */
export function signToken(expires: number, allowed: Allowed = EVERYTHING): Promise<string> {
  return new SignJWT({ sluice: allowed })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('ada')
    .setExpirationTime(new Date(expires))
    .sign(new TextEncoder().encode(JWT_SECRET));
}
