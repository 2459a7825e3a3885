import { KeyObject } from 'node:crypto';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JSONWebKeySet,
  type JWK,
  type JWTVerifyGetKey,
} from 'jose';
import type { Clock } from '../../clock.js';
import { SluiceError } from '../../errors.js';
import { isLoopbackHost } from '../loopback.js';
import { parseSecretJson } from '../secret-json.js';
import { checkStrength } from './key-strength.js';

/** Told of a set of keys that is elsewhere. */
export interface KeySetReport {
  /** It cannot be fetched. @param reason its address, without a query, and what went wrong */
  unavailable(reason: string): void;
}

const FETCH_TIMEOUT_MS = 5000;
/** A set has a few kilobytes; what is larger is something else. */
const MAX_SET_BYTES = 1024 * 1024;
/** Time without a new attempt after a failed fetch. */
const RETRY_MS = 5000;

/**
 * A set (JWKS, RFC 7517 §5) that is here.
 * @throws Error for a text that is none, or the first key in it that would be taken for one of these algorithms but
 * cannot be used
 */
export async function localKeySet(text: string, algorithms: readonly string[]): Promise<JWTVerifyGetKey> {
  const set = parseSet(text);
  for (const [index, key] of set.keys.entries()) {
    try {
      await tryKey(key, algorithms);
    } catch (error) {
      throw new Error(`key ${index + 1} of the set: ${(error as Error).message}`);
    }
  }
  return createLocalJWKSet(set);
}

/** jose chooses it as for a token, so what no token would ever be verified by may be anything. */
async function tryKey(key: JWK, algorithms: readonly string[]): Promise<void> {
  const getKey = createLocalJWKSet({ keys: [key] });
  for (const alg of algorithms) {
    try {
      checkStrength(KeyObject.from(await getKey({ alg })));
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) {
        throw error;
      }
    }
  }
}

/**
 * A set at an address: fetched when it is first needed, kept for ten minutes, and fetched again for an unknown key, every
 * 30 s at most.
 * @throws Error for an address that is not safe
 */
export function remoteKeySet(address: string, clock: Clock, report: KeySetReport): JWTVerifyGetKey {
  const url = new URL(address);
  if (url.protocol === 'http:' && !isLoopbackHost(url.host)) {
    throw new Error('the address of a key set must begin with https');
  }
  if (url.username !== '' || url.password !== '') {
    throw new Error('the address of a key set must be without user name and password, which would not be sent');
  }
  const failed = (error: unknown) => report.unavailable(`${url.origin}${url.pathname}: ${causeOf(error)}`);
  return createRemoteJWKSet(url, { timeoutDuration: FETCH_TIMEOUT_MS, [customFetch]: setFetcher(clock, failed) });
}

/** Only what fails here is a fault of the set; whatever jose throws beside it is about the one token. */
function setFetcher(clock: Clock, failed: (error: unknown) => void): FetchImplementation {
  let failedAt = Number.NEGATIVE_INFINITY;
  return async (url, options) => {
    if (clock.elapsed() - failedAt < RETRY_MS) {
      throw unavailable();
    }
    try {
      return await fetchSet(url, options);
    } catch (error) {
      failedAt = clock.elapsed();
      failed(error);
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
  const text = await readText(response);
  parseSet(text);
  return new Response(text);
}

async function readText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_SET_BYTES) {
      throw new Error(`it is larger than ${MAX_SET_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Without a key nothing can be verified: better the set before, or no answer, than a 401 to everybody. */
function parseSet(text: string): JSONWebKeySet {
  const set = parseSecretJson(text) as JSONWebKeySet;
  createLocalJWKSet(set);
  if (set.keys.length === 0) {
    throw new Error('it has no keys');
  }
  return set;
}

/** `fetch` itself says no more than that it failed. Where several addresses failed there is a code only. */
function causeOf(error: unknown): string {
  const { cause = error } = error as Error;
  const { message, code } = cause as NodeJS.ErrnoException;
  return message.trim() || String(code);
}

function unavailable(): SluiceError {
  return new SluiceError(
    'SLUICE_KEYS_UNAVAILABLE',
    503,
    'the keys that verify tokens cannot be fetched at the moment; try again later',
    { 'retry-after': String(RETRY_MS / 1000) },
  );
}
