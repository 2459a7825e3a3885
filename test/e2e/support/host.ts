import Fastify, { type FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import sluice, { type SluiceOptions } from '../../../src/app.js';

/** An application with the hub inside, on a port of its own; resolves to its address. */
export async function host(
  t: Test,
  options: SluiceOptions = {},
  prepare: (app: FastifyInstance) => void = () => undefined,
): Promise<{ app: FastifyInstance; url: string }> {
  const app = Fastify({ forceCloseConnections: true, routerOptions: { maxParamLength: 512 } });
  prepare(app);
  app.register(sluice, { log: 'memory', maxEventLoopLagMs: 0, ...options });
  t.teardown(() => app.close());
  return { app, url: await app.listen({ port: 0 }) };
}
