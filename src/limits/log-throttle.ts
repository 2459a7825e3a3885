import { LruMap } from 'toad-cache';
import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';

interface Told {
  readonly at: number;
  /** Left out since. */
  count: number;
}

/** Of one cause, so much time lies between two lines. */
const QUIET_MS = 60_000;
/** Causes remembered, as some are addresses; of more, the one that came up longest ago may be told of again. */
const MAX_CAUSES = 10_000;

/** Lines that may come by the thousand: of each cause one line a minute, so that they do not hide all others. */
export class LogThrottle {
  readonly #log: Pick<Logger, 'warn' | 'error'>;
  readonly #clock: Clock;
  readonly #told = new LruMap<Told>(MAX_CAUSES);

  constructor(log: Pick<Logger, 'warn' | 'error'>, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Writes a line, unless its cause had one within a minute; `since` in it counts those left out since that one. */
  warn(cause: string, fields: object, message: string): void {
    this.#tell('warn', cause, fields, message);
  }

  /** The same, as an error. */
  error(cause: string, fields: object, message: string): void {
    this.#tell('error', cause, fields, message);
  }

  #tell(level: 'warn' | 'error', cause: string, fields: object, message: string): void {
    const now = this.#clock.elapsed();
    const told = this.#told.get(cause);
    if (told !== undefined && now - told.at < QUIET_MS) {
      told.count++;
      return;
    }
    this.#log[level]({ ...fields, since: told?.count ?? 0 }, message);
    this.#told.set(cause, { at: now, count: 0 });
  }
}
