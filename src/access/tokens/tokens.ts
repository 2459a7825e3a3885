import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import { type Clock, MAX_DATE_MS } from '../../clock.js';
import { SluiceError } from '../../errors.js';
import { isLine } from '../../events/names.js';
import { MAX_SELECTED, select } from '../../events/selection.js';
import { badCredential, ExpiredError } from '../errors.js';
import type { Principal } from '../principal.js';
import { NONE, type Rights } from '../rights.js';
import { type JwtKeySettings, openVerificationKey, type VerificationKey } from './jwt-key.js';
import type { KeySetReport } from './key-set.js';

export interface TokenSettings extends JwtKeySettings {
  readonly authJwtIssuer: string;
  readonly authJwtAudience: string;
}

/** Longest issuer and subject, in characters: they stand in log lines. */
const MAX_NAME = 256;
const Patterns = Type.Array(Type.String(), { maxItems: MAX_SELECTED });
const Claim = Type.Object({ publish: Type.Optional(Patterns), subscribe: Type.Optional(Patterns) });

/** Verifies tokens (JWT, RFC 7519) and reads what they allow. */
export class Tokens {
  readonly #key: VerificationKey;
  readonly #options: JWTVerifyOptions;
  readonly #clock: Clock;

  private constructor(key: VerificationKey, settings: TokenSettings, clock: Clock) {
    const { authJwtIssuer: issuer, authJwtAudience: audience } = settings;
    this.#key = key;
    this.#clock = clock;
    this.#options = {
      algorithms: key.algorithms,
      // Without an end it could never be taken back; without a subject nobody would know whose it is.
      requiredClaims: ['exp', 'sub'],
      ...(issuer !== '' && { issuer }),
      ...(audience !== '' && { audience }),
    };
  }

  /** @throws Error for a key that cannot be used */
  static async open(settings: TokenSettings, clock: Clock, report: KeySetReport): Promise<Tokens> {
    return new Tokens(await openVerificationKey(settings, clock, report), settings, clock);
  }

  /** @throws SluiceError 401 for a token that does not hold, 503 when the keys cannot be fetched */
  async verify(token: string): Promise<Principal> {
    const options = { ...this.#options, currentDate: new Date(this.#clock.now()) };
    try {
      const { payload } = await jwtVerify(token, this.#key.getKey, options);
      return principalOf(payload);
    } catch (error) {
      throw asRefusal(error);
    }
  }
}

function asRefusal(error: unknown): SluiceError {
  if (error instanceof SluiceError) {
    return error;
  }
  if (error instanceof errors.JWTExpired) {
    return new ExpiredError('the token does not hold: it has expired');
  }
  return badCredential(
    error instanceof errors.JOSEError ? `the token does not hold: ${reasonOf(error)}` : 'the token cannot be verified',
  );
}

/** What people get wrong, in words. jose's own name the check that failed, and never the token. */
function reasonOf(error: errors.JOSEError): string {
  return error instanceof errors.JWSInvalid ? 'it has not the form of one (JWT)' : error.message;
}

function principalOf({ iss, sub, exp = 0, sluice }: JWTPayload): Principal {
  if (!isLine(sub, MAX_NAME) || (iss !== undefined && !isLine(iss, MAX_NAME))) {
    throw badCredential(
      `the token does not hold: iss and sub must be texts of one line, at most ${MAX_NAME} characters`,
    );
  }
  const expiresAt = exp * 1000;
  // No date is later, so such an end would be none.
  if (expiresAt > MAX_DATE_MS) {
    throw badCredential('the token does not hold: "exp" must be a time, in seconds');
  }
  return { id: `jwt:${iss ?? ''}:${escapeColons(sub)}`, rights: rightsOf(sluice), lease: { expiresAt } };
}

/** The last colon of an id ends the issuer, so no issuer can name the subject of another one. */
function escapeColons(sub: string): string {
  return sub.replace(/[%:]/g, (character) => encodeURIComponent(character));
}

/** A token that says nothing of Sluice allows nothing. */
function rightsOf(claim: unknown = {}): Rights {
  if (!Value.Check(Claim, claim)) {
    throw invalidClaim();
  }
  try {
    const { publish, subscribe } = claim;
    return { publish: publish ? select(publish) : NONE, subscribe: subscribe ? select(subscribe) : NONE };
  } catch {
    throw invalidClaim();
  }
}

function invalidClaim(): SluiceError {
  return badCredential(
    `the token does not hold: its claim 'sluice' must be {publish, subscribe}, each a list of at most ${MAX_SELECTED} stream names and patterns`,
  );
}
