import { MinuteRate } from '../limits/minute-rate.js';
import type { Refusal } from './refusal.js';

/** Whom a connection is counted against; an omitted field is not counted. */
export interface Client {
  /** Network address, as `countedAddress` gives it. */
  readonly address?: string | undefined;
  /** Who has signed in. */
  readonly principal?: string | undefined;
}

/** Limits for each client; 0 is no limit. */
export interface CapOptions {
  /** Connections of one address at once. */
  readonly maxConnectionsPerIp: number;
  /** Connections of one address that may be opened in a minute. */
  readonly maxOpensPerIp: number;
  /** Connections of one principal at once. */
  readonly maxConnectionsPerPrincipal: number;
}

/** Keeps one client from taking the place of all others. */
export class Caps {
  readonly #addresses: Tally;
  readonly #openings: MinuteRate;
  readonly #principals: Tally;

  constructor(options: CapOptions) {
    this.#addresses = new Tally(options.maxConnectionsPerIp);
    this.#openings = new MinuteRate(options.maxOpensPerIp);
    this.#principals = new Tally(options.maxConnectionsPerPrincipal);
  }

  /** Why a client may not open one more connection now, if it may not. */
  refusal({ address, principal }: Client, now: number): Refusal | undefined {
    if (this.#addresses.isFull(address)) {
      return { code: 'SLUICE_TOO_MANY_PER_IP', message: 'too many connections from your address; close some' };
    }
    if (this.#principals.isFull(principal)) {
      return { code: 'SLUICE_TOO_MANY_PER_PRINCIPAL', message: 'too many connections with your access; close some' };
    }
    if (this.#openings.isOver(address, now)) {
      return { code: 'SLUICE_OPENED_TOO_FAST', message: 'your address opens connections too fast; reconnect later' };
    }
    return undefined;
  }

  /** Counts a connection of a client, until it leaves. */
  enter({ address, principal }: Client, now: number): void {
    this.#addresses.add(address);
    this.#principals.add(principal);
    this.#openings.add(address, now);
  }

  leave({ address, principal }: Client): void {
    this.#addresses.remove(address);
    this.#principals.remove(principal);
  }
}

/** Counts what is there by key; a key with nothing is forgotten. */
class Tally {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  isFull(key: string | undefined): boolean {
    return key !== undefined && this.#limit > 0 && this.#countOf(key) >= this.#limit;
  }

  add(key: string | undefined): void {
    if (key !== undefined) {
      this.#counts.set(key, this.#countOf(key) + 1);
    }
  }

  remove(key: string | undefined): void {
    if (key !== undefined) {
      const left = this.#countOf(key) - 1;
      left > 0 ? this.#counts.set(key, left) : this.#counts.delete(key);
    }
  }

  #countOf(key: string): number {
    return this.#counts.get(key) ?? 0;
  }
}
