import FakeTimers, { type Clock as FakeClock } from '@sinonjs/fake-timers';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import sluice, { type SluiceOptions } from '../../src/app.js';
import type { Clock } from '../../src/clock.js';

/** Time that only moves when a test says so; it begins at a fixed date. */
export const START = Date.parse('2026-01-01T00:00:00.000Z');

export interface TestClock extends Clock {
  /** Moves time on and lets everything that became due finish. */
  advance(ms: number): Promise<void>;
}

export function createTestClock(): TestClock {
  const fake: FakeClock = FakeTimers.createClock(START);
  return {
    now: () => fake.now,
    setTimeout: (callback, ms) => fake.setTimeout(callback, ms),
    clearTimeout: (timer) => fake.clearTimeout(timer as never),
    setInterval: (callback, ms) => fake.setInterval(callback, ms),
    clearInterval: (timer) => fake.clearInterval(timer as never),
    async advance(ms) {
      fake.tick(ms);
      await turn();
    },
  };
}

/** Resolves after the turn's writes have been flushed. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}

export interface TestApp {
  readonly app: FastifyInstance;
  readonly clock: TestClock;
}

/** A hub without a network, closed with the test; time stands still until the test moves it. */
export async function build(t: Test, options: SluiceOptions = {}): Promise<TestApp> {
  const clock = createTestClock();
  const app = Fastify({ return503OnClosing: false, routerOptions: { maxParamLength: 512 } });
  app.register(sluice, { clock, ...options });
  t.teardown(() => app.close());
  await app.ready();
  return { app, clock };
}
