import { hash } from 'node:crypto';
import { LruMap } from 'toad-cache';
import type { Clock } from '../clock.js';
import { SluiceError } from '../errors.js';
import { countedAddress } from '../limits/address.js';
import { MinuteRate } from '../limits/minute-rate.js';
import { ExpiredError } from './errors.js';
import type { Principal } from './principal.js';

const FAILURES_A_MINUTE = 20;
/** Credentials remembered as accepted, about two megabytes; of more, the one used least recently is forgotten. */
const MAX_ACCEPTED = 10_000;
/** This machine, and all that a proxy on it lets in whose addresses it does not tell. */
const LOOPBACK = 'loopback';

/** Told of those who try credentials. */
export interface AttemptsReport {
  /**
   * A failure was one too many to look at the next at once.
   * @param address what is counted: an IPv4 address, an IPv6 network, or this machine
   */
  limited(ip: string, address: string): void;
}

/**
 * Bounds how fast an address may try credentials that do not hold. Over it they are refused without being looked at; but
 * one that was accepted before is always looked at, so nobody locks out those who share an address.
 */
export class FailedAttempts {
  readonly #clock: Clock;
  readonly #report: AttemptsReport;
  readonly #failures = new MinuteRate(FAILURES_A_MINUTE);
  /** By digest. */
  readonly #accepted = new LruMap<true>(MAX_ACCEPTED);

  constructor(clock: Clock, report: AttemptsReport) {
    this.#clock = clock;
    this.#report = report;
  }

  /**
   * Whose a credential is, as `identify` finds out.
   * @throws SluiceError 429 after too many failures from this address, and whatever `identify` throws
   */
  async guard(ip: string, credential: string, identify: () => Principal | Promise<Principal>): Promise<Principal> {
    const digest = hash('sha256', credential, 'base64url');
    if (this.#accepted.get(digest) === undefined) {
      this.#check(addressOf(ip));
    }
    try {
      const principal = await identify();
      this.#accepted.set(digest, true);
      return principal;
    } catch (error) {
      if (error instanceof SluiceError && error.statusCode === 401) {
        this.#accepted.delete(digest);
        this.#count(ip, error);
      }
      throw error;
    }
  }

  #check(address: string): void {
    const waitMs = this.#failures.waitMs(address, this.#clock.elapsed());
    if (waitMs > 0) {
      const message = 'too many keys and tokens that do not hold came from your address; try again later';
      const headers = { 'retry-after': String(Math.ceil(waitMs / 1000)) };
      throw new SluiceError('SLUICE_RATE_LIMITED', 429, message, headers);
    }
  }

  #count(ip: string, error: SluiceError): void {
    if (error instanceof ExpiredError) {
      return;
    }
    const address = addressOf(ip);
    const now = this.#clock.elapsed();
    this.#failures.add(address, now);
    if (this.#failures.isOver(address, now)) {
      this.#report.limited(ip, address);
    }
  }
}

function addressOf(ip: string): string {
  return countedAddress(ip) ?? LOOPBACK;
}
