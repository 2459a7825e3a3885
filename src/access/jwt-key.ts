import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type FetchImplementation,
  importSPKI,
  importX509,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose';
import type { Clock } from '../clock.js';
import { SluiceError } from '../errors.js';
import { isLoopbackHost } from './local.js';

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

/** In a set each key is for one of them, by its `alg` or else its type; a public key is never taken for a secret. */
const ASYMMETRIC = ['RS256', 'ES256', 'EdDSA'];
/** RFC 7518 §3.3. */
const MIN_RSA_BITS = 2048;
const FETCH_TIMEOUT_MS = 5000;
/** After a failure, so long nobody asks again. */
const RETRY_MS = 5000;

/** @throws Error for a key that cannot be used, saying why */
export async function openVerificationKey(settings: JwtKeySettings, clock: Clock): Promise<VerificationKey> {
  const { authJwtKey, authJwtSecret, authJwtAlgorithm } = settings;
  if (authJwtSecret !== '') {
    const secret = new TextEncoder().encode(authJwtSecret);
    return { algorithms: ['HS256'], getKey: async () => secret };
  }
  const algorithms = authJwtAlgorithm === '' ? ASYMMETRIC : [authJwtAlgorithm];
  if (/^https?:/.test(authJwtKey)) {
    return { algorithms, getKey: remoteSet(authJwtKey, clock) };
  }
  const text = await readKey(authJwtKey);
  return { algorithms, getKey: text.trimStart().startsWith('{') ? localSet(text) : await pem(text, authJwtAlgorithm) };
}

/** Without the name, which Node's message repeats: it may be a secret that was put into the wrong setting. */
async function readKey(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`${(error as NodeJS.ErrnoException).code}, there is no file of that name that can be read`);
  }
}

function localSet(text: string): JWTVerifyGetKey {
  return createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
}

async function pem(text: string, algorithm: string): Promise<JWTVerifyGetKey> {
  if (algorithm === '') {
    throw new Error('a PEM does not say its algorithm: set AUTH_JWT_ALGORITHM to RS256, ES256 or EdDSA');
  }
  if (text.includes('PRIVATE KEY')) {
    throw new Error('it is a private key, which belongs to the issuer alone: give the public key');
  }
  const { modulusLength = MIN_RSA_BITS } = createPublicKey(text).asymmetricKeyDetails ?? {};
  if (modulusLength < MIN_RSA_BITS) {
    throw new Error(`an RSA key must have at least ${MIN_RSA_BITS} bits, but this one has ${modulusLength}`);
  }
  const key = await (text.includes('BEGIN CERTIFICATE') ? importX509(text, algorithm) : importSPKI(text, algorithm));
  return async () => key;
}

/** Fetched when it is first needed, kept for ten minutes, and fetched again for an unknown key, every 30 s at most. */
function remoteSet(address: string, clock: Clock): JWTVerifyGetKey {
  const url = new URL(address);
  if (url.protocol === 'http:' && !isLoopbackHost(url.host)) {
    throw new Error('the address of a key set must begin with https');
  }
  return createRemoteJWKSet(url, { timeoutDuration: FETCH_TIMEOUT_MS, [customFetch]: setFetcher(clock) });
}

/** Only what fails here is a fault of the set; whatever jose throws beside it is about the one token. */
function setFetcher(clock: Clock): FetchImplementation {
  let failedAt = Number.NEGATIVE_INFINITY;
  return async (url, options) => {
    if (clock.now() - failedAt < RETRY_MS) {
      throw unavailable();
    }
    try {
      return await fetchSet(url, options);
    } catch {
      failedAt = clock.now();
      throw unavailable();
    }
  };
}

async function fetchSet(...request: Parameters<FetchImplementation>): Promise<Response> {
  const response = await fetch(...request);
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`answered with ${response.status}`);
  }
  createLocalJWKSet((await response.clone().json()) as JSONWebKeySet);
  return response;
}

function unavailable(): SluiceError {
  return new SluiceError(
    'SLUICE_KEYS_UNAVAILABLE',
    503,
    'the keys that verify tokens cannot be fetched at the moment; try again later',
    { 'retry-after': String(RETRY_MS / 1000) },
  );
}
