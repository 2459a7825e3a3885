import FakeTimers, { type Clock as FakeClock } from '@sinonjs/fake-timers';
import type { Clock } from '../../src/clock.js';

/** Time that only moves when a test says so; it begins at a fixed date. */
export const START = Date.parse('2026-01-01T00:00:00.000Z');

export interface TestClock extends Clock {
  /** Moves time on and lets everything that became due finish. */
  advance(ms: number): Promise<void>;
  /** Corrects the time of day; no timer notices. */
  correct(ms: number): void;
  /** Timers that nobody has cleared. */
  timers(): number;
}

export function createTestClock(): TestClock {
  const fake: FakeClock = FakeTimers.createClock(START);
  let correctedMs = 0;
  return {
    now: () => fake.now,
    elapsed: () => fake.now - START - correctedMs,
    setTimeout: (callback, ms) => fake.setTimeout(callback, ms),
    clearTimeout: (timer) => fake.clearTimeout(timer as never),
    setInterval: (callback, ms) => fake.setInterval(callback, ms),
    clearInterval: (timer) => fake.clearInterval(timer as never),
    async advance(ms) {
      fake.tick(ms);
      await turn();
    },
    correct(ms) {
      correctedMs += ms;
      fake.setSystemTime(fake.now + ms);
    },
    timers: () => fake.countTimers(),
  };
}

/** Resolves after the writes of the turn: those of the first 16 connections of a cohort at least. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}
