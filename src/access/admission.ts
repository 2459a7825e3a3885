import type { Clock } from '../clock.js';
import { SluiceError } from '../errors.js';
import { parseSelection } from '../events/selection.js';
import { Authenticator, type CredentialReport } from './authenticator.js';
import { bearerOf, type Sender } from './credentials.js';
import { type AttemptsReport, FailedAttempts } from './failed-attempts.js';
import { checkLocal } from './local.js';
import { parseOrigins } from './origins.js';
import { ANYONE, anonymous, LOCAL, type Principal } from './principal.js';
import type { Requirement } from './requirement.js';
import { NONE } from './rights.js';
import { type Address, checkSameOrigin, clearedCookie, sessionOf } from './session.js';
import type { AccessSettings } from './settings.js';

/** A request before its body is read. */
interface Asking extends Address {
  readonly method: string;
  readonly ip: string;
  readonly raw: Sender;
}

/** Finds out who a request is from, in one of the three modes. */
export interface Admission {
  /** Who sends what is answered without a look at credentials. */
  readonly nobody: Principal;
  /** @throws SluiceError 401, 403 or 503 for a request that is not let in, whatever it asks for */
  admit(request: Asking, requirement: Requirement): Principal | Promise<Principal>;
  close(): void;
}

/** What operators should know. */
export type AdmissionReport = CredentialReport & AttemptsReport;

/** @throws ConfigError for keys that cannot be used */
export async function openAdmission(
  settings: AccessSettings & { readonly corsOrigin: string },
  clock: Clock,
  report: AdmissionReport,
): Promise<Admission> {
  if (settings.auth === 'on') {
    const authenticator = await Authenticator.open(settings, clock, report);
    return new SignedIn(authenticator, new FailedAttempts(clock, report), settings.authAnonymousSubscribe);
  }
  return settings.auth === 'local'
    ? thisMachine(settings.corsOrigin)
    : { nobody: ANYONE, admit: () => ANYONE, close() {} };
}

function thisMachine(corsOrigin: string): Admission {
  const { named } = parseOrigins(corsOrigin);
  // Any page of the web can have the origin `null`: in a frame with `sandbox`.
  const isNamed = (origin: string) => origin !== 'null' && named.includes(origin);
  return {
    nobody: LOCAL,
    admit({ host, raw }) {
      checkLocal(host, raw, isNamed);
      return LOCAL;
    },
    close() {},
  };
}

/** By API key or token: of the header, else of the session cookie. */
class SignedIn implements Admission {
  readonly nobody: Principal;
  readonly #authenticator: Authenticator;
  readonly #attempts: FailedAttempts;

  constructor(authenticator: Authenticator, attempts: FailedAttempts, anonymousSubscribe: string) {
    this.nobody = anonymous(anonymousSubscribe === '' ? NONE : parseSelection(anonymousSubscribe));
    this.#authenticator = authenticator;
    this.#attempts = attempts;
  }

  admit(request: Asking, requirement: Requirement): Principal | Promise<Principal> {
    if (requirement === 'public') {
      return this.nobody;
    }
    const bearer = bearerOf(request.raw);
    if (bearer !== undefined) {
      return this.#identify(bearer, request);
    }
    const session = sessionOf(request.raw.headers.cookie, request);
    return session === undefined ? this.nobody : this.#resume(session, request);
  }

  close(): void {
    this.#authenticator.close();
  }

  #identify(credential: string, { ip }: Asking): Promise<Principal> {
    return this.#attempts.guard(ip, credential, () => this.#authenticator.identify(credential));
  }

  async #resume(session: string, request: Asking): Promise<Principal> {
    checkSameOrigin(request.method, request, request.raw.headers);
    try {
      return await this.#identify(session, request);
    } catch (error) {
      throw error instanceof SluiceError && error.statusCode === 401 ? ended(error, request) : error;
    }
  }
}

/** The browser forgets a session that does not hold, so that it gets again what everybody may have. */
function ended({ code, statusCode, message, headers }: SluiceError, address: Address): SluiceError {
  return new SluiceError(code, statusCode, `the session has ended: ${message}`, {
    ...headers,
    'set-cookie': clearedCookie(address),
  });
}
