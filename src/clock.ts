import { performance } from 'node:perf_hooks';

/** Handle of a pending timer. */
export type Timer = NodeJS.Timeout | number | object;

/** The last millisecond that a date can have (ECMA-262 §21.4.1.1). */
export const MAX_DATE_MS = 8.64e15;

/**
 * Time and timers as the domain sees them, so that tests can move time by hand.
 * Every timer that goes on or lasts has an owner that clears it.
 */
export interface Clock {
  /** Epoch milliseconds. The machine's may be set back or forward at any time, so no length of time is taken by it. */
  now(): number;
  /** Milliseconds since some moment, which pass evenly whatever the time of day is set to. */
  elapsed(): number;
  setTimeout(callback: () => void, ms: number): Timer;
  /** No timer (`undefined`) is none to clear, here and for intervals. */
  clearTimeout(timer: Timer | undefined): void;
  setInterval(callback: () => void, ms: number): Timer;
  clearInterval(timer: Timer | undefined): void;
}

/** The clock of this machine. What it repeats keeps no process running: a server or work under way does. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  setInterval: (callback, ms) => setInterval(callback, ms).unref(),
  clearInterval: (timer) => clearInterval(timer as NodeJS.Timeout),
};
