import type { Clock, Timer } from '../../clock.js';
import type { Connection } from '../connection.js';
import type { Lease } from './lease.js';
import { Revocations } from './revocations.js';

/** How long before its lease expires a watcher is told. */
const NOTICE_MS = 30_000;
const SWEEP_MS = 200;
/** Time for a watcher to take its last bytes; with a sweep before and after it, less than a second. */
const GRACE_MS = 500;
const NEVER = Number.POSITIVE_INFINITY;

/** What happens to a connection on account of its lease. */
interface LeaseActions {
  /** Tells it that its lease ends, and when, in epoch milliseconds. */
  warn(connection: Connection, message: string, expires: number): void;
  /** Begins a proper end. */
  end(connection: Connection, reason: 'expired' | 'revoked'): void;
  /** Ends at once, with everything unsent. */
  cut(connection: Connection): void;
}

/** Epoch milliseconds. */
interface Deadlines {
  noticeAt: number;
  readonly expiresAt: number;
  readonly cutAt: number;
}

/** Ends the connections whose lease is over, one sweep for all of them; no timer runs while none can expire. */
export class Leases {
  readonly #clock: Clock;
  readonly #actions: LeaseActions;
  readonly #revocations = new Revocations((connection) => this.#revoke(connection));
  readonly #deadlines = new Map<Connection, Deadlines>();
  #timer: Timer | undefined;

  constructor(clock: Clock, actions: LeaseActions) {
    this.#clock = clock;
    this.#actions = actions;
  }

  /** Holds an open connection to its lease until it is deleted; ends it here and now when that is over already. */
  add(connection: Connection, { expiresAt, revoked }: Lease): void {
    if (expiresAt !== undefined) {
      const deadlines = { noticeAt: expiresAt - NOTICE_MS, expiresAt, cutAt: NEVER };
      this.#watch(connection, deadlines);
      this.#check(connection, deadlines);
    }
    if (revoked !== undefined) {
      this.#revocations.add(revoked, connection);
    }
  }

  /** Lets go of a connection that has closed. */
  delete(connection: Connection): void {
    this.#revocations.delete(connection);
    this.#deadlines.delete(connection);
    if (this.#deadlines.size === 0) {
      this.#clock.clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #watch(connection: Connection, deadlines: Deadlines): void {
    this.#deadlines.set(connection, deadlines);
    this.#timer ??= this.#clock.setInterval(() => this.#sweep(), SWEEP_MS);
  }

  #sweep(): void {
    for (const [connection, deadlines] of this.#deadlines) {
      this.#check(connection, deadlines);
    }
  }

  #check(connection: Connection, deadlines: Deadlines): void {
    const now = this.#clock.now();
    if (now >= deadlines.noticeAt) {
      deadlines.noticeAt = NEVER;
      this.#actions.warn(connection, 'your access expires; sign in again to go on', deadlines.expiresAt);
    }
    if (now >= deadlines.expiresAt) {
      this.#end(connection, 'expired');
    }
    if (now >= deadlines.cutAt) {
      this.#actions.cut(connection);
    }
  }

  #revoke(connection: Connection): void {
    this.#actions.warn(connection, 'your access was revoked', this.#clock.now());
    this.#end(connection, 'revoked');
  }

  /** What it has not taken by the deadline, it has no right to any more. */
  #end(connection: Connection, reason: 'expired' | 'revoked'): void {
    this.#actions.end(connection, reason);
    this.#watch(connection, { noticeAt: NEVER, expiresAt: NEVER, cutAt: this.#clock.now() + GRACE_MS });
  }
}
