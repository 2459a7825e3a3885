import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { Test } from 'tap';
import sluice, { type SluiceOptions } from '../../src/app.js';
import { createTestClock, type TestClock } from '../support/clock.js';

export interface Served {
  readonly app: FastifyInstance;
  readonly clock: TestClock;
  readonly port: number;
  readonly url: string;
  /** What was logged, each entry as it was written. */
  readonly log: string[];
}

/** A hub on a real socket, closed with the test; time stands still until the test moves it. */
export async function serve(t: Test, options: SluiceOptions = {}): Promise<Served> {
  const clock = createTestClock();
  const log: string[] = [];
  const app = Fastify({
    logger: { level: 'debug', stream: { write: (line: string) => log.push(line) } },
    logController: new LogController({ disableRequestLogging: true }),
    return503OnClosing: false,
    routerOptions: { maxParamLength: 512 },
  });
  app.register(sluice, { clock, maxEventLoopLagMs: 0, ...options });
  t.teardown(() => app.close());
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return { app, clock, port, url, log };
}

/** Resolves when the condition holds; what it waits for comes from the network, so there is nothing to move by hand. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
