import { createPublicKey } from 'node:crypto';
import { importSPKI, importX509, type JWTVerifyGetKey } from 'jose';
import type { Clock } from '../../clock.js';
import { readText } from '../../files/text-file.js';
import { PUBLIC_KEY_ALGORITHMS } from '../settings.js';
import { type KeySetReport, localKeySet, remoteKeySet } from './key-set.js';
import { checkStrength } from './key-strength.js';

/** What verifies a token, and the algorithms it is for. */
export interface VerificationKey {
  readonly algorithms: string[];
  readonly getKey: JWTVerifyGetKey;
}

export interface JwtKeySettings {
  readonly authJwtKey: string;
  readonly authJwtSecret: string;
  readonly authJwtAlgorithm: string;
}

/** @throws Error for a key that cannot be used, saying why */
export async function openVerificationKey(
  settings: JwtKeySettings,
  clock: Clock,
  report: KeySetReport,
): Promise<VerificationKey> {
  const { authJwtKey, authJwtSecret, authJwtAlgorithm } = settings;
  if (authJwtSecret !== '') {
    const secret = new TextEncoder().encode(authJwtSecret);
    return { algorithms: ['HS256'], getKey: async () => secret };
  }
  const algorithms = authJwtAlgorithm === '' ? PUBLIC_KEY_ALGORITHMS : [authJwtAlgorithm];
  if (/^https?:/.test(authJwtKey)) {
    return { algorithms, getKey: remoteKeySet(authJwtKey, clock, report) };
  }
  const text = await readKey(authJwtKey);
  const isSet = text.trimStart().startsWith('{');
  return { algorithms, getKey: await (isSet ? localKeySet(text, algorithms) : pem(text, authJwtAlgorithm)) };
}

/** Without the name, which Node's message repeats: it may be a secret that was put into the wrong setting. */
async function readKey(file: string): Promise<string> {
  try {
    return await readText(file);
  } catch (error) {
    throw new Error(`${(error as NodeJS.ErrnoException).code}, there is no file of that name that can be read`);
  }
}

async function pem(text: string, algorithm: string): Promise<JWTVerifyGetKey> {
  if (algorithm === '') {
    throw new Error('a PEM does not say its algorithm: set AUTH_JWT_ALGORITHM to RS256, ES256 or EdDSA');
  }
  if (text.includes('PRIVATE KEY')) {
    throw new Error('it is a private key, which belongs to the issuer alone: give the public key');
  }
  checkStrength(createPublicKey(text));
  const key = await (text.includes('BEGIN CERTIFICATE') ? importX509(text, algorithm) : importSPKI(text, algorithm));
  return async () => key;
}
