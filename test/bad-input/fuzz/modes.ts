import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc, { type Arbitrary } from 'fast-check';
import { SignJWT } from 'jose';
import { addKey } from '../../../src/access/api-keys/new-key.js';
import type { SluiceOptions } from '../../../src/app.js';
import { START } from '../../support/clock.js';
import { headerText } from './odd.js';

type Headers = Readonly<Record<string, string>>;

/** A way to run the hub, and who asks it. */
export interface Mode {
  readonly options: SluiceOptions;
  /** Added to a request. */
  readonly headers: Arbitrary<Headers>;
}

const SECRET = 'a secret of thirty-two bytes, or more';
const ALL = { publish: ['*'], subscribe: ['*'] };
const SOME = { publish: ['a', 'tasks.*'], subscribe: ['a', 'orders.*'] };

const off: Mode = { options: { auth: 'off' }, headers: fc.constant({}) };

const local: Mode = {
  options: { auth: 'local' },
  headers: fc.oneof(
    { weight: 6, arbitrary: fc.constant({}) },
    fc.constantFrom<Headers>(
      { host: 'evil.example' },
      { host: 'localhost.evil.example:80' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://localhost:5173', 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site' },
      { 'x-forwarded-for': '203.0.113.1' },
      { forwarded: 'for=203.0.113.1' },
    ),
  ),
};

/** Everybody from the one who may do all to the one whose token has expired. */
async function on(): Promise<Mode> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-fuzz-'));
  process.once('exit', () => rmSync(directory, { recursive: true }));
  const authKeysFile = join(directory, 'keys.json');
  const key = await addKey(authKeysFile, { name: 'limited', ...ALL, rate: 100 });
  const [all, some, expired] = await Promise.all([sign(ALL, 1e6), sign(SOME, 1e6), sign(ALL, -1)]);
  const headers = fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom(bearer(all), bearer(all), bearer(key), bearer(some)) },
    { weight: 3, arbitrary: fc.constantFrom<Headers>({}, cookie(all), cookie(some), cookie(all, 'cross-site')) },
    { weight: 1, arbitrary: fc.constantFrom(bearer(expired), bearer(`${all}x`), bearer('sk_'), cookie(`${key}x`)) },
    { weight: 1, arbitrary: headerText.map((text) => ({ authorization: text })) },
  );
  const options: SluiceOptions = { auth: 'on', authKeysFile, authJwtSecret: SECRET, authAnonymousSubscribe: 'b,stock' };
  return { options, headers };
}

function bearer(credential: string): Headers {
  return { authorization: `Bearer ${credential}` };
}

function cookie(credential: string, site = 'same-origin'): Headers {
  return { cookie: `sluice=${credential}`, 'sec-fetch-site': site };
}

function sign(sluice: typeof ALL, seconds: number): Promise<string> {
  const exp = START / 1000 + seconds;
  return new SignJWT({ sub: 'ada', exp, sluice }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(SECRET));
}

/** Every way to run the hub. */
export const modes: readonly Mode[] = [off, await on(), local];
