import Fastify, { type FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import sluice, { type SluiceOptions } from '../../src/app.js';
import { createTestClock, type TestClock } from './clock.js';

export interface TestApp {
  readonly app: FastifyInstance;
  readonly clock: TestClock;
}

/** A hub without a network, closed with the test; time stands still until the test moves it. */
export async function build(t: Test, options: SluiceOptions = {}): Promise<TestApp> {
  const clock = createTestClock();
  const app = Fastify({ return503OnClosing: false, routerOptions: { maxParamLength: 512 } });
  app.register(sluice, { clock, maxEventLoopLagMs: 0, ...options });
  t.teardown(() => app.close());
  await app.ready();
  return { app, clock };
}
