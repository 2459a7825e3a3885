import { join } from 'node:path';
import autoload from '@fastify/autoload';
import type { FastifyInstance, RegisterOptions } from 'fastify';
import fp from 'fastify-plugin';
import { type Clock, systemClock } from './clock.js';
import { resolveConfig } from './config/resolve.js';
import { type HubConfig, hubSchema } from './config/settings.js';
import type { HubContext } from './context.js';
import { ConfigError } from './errors.js';
import { Load } from './limits/load.js';
import { LogThrottle } from './limits/log-throttle.js';

export type {} from '../plugins/hub/bus.js';
export type {} from '../plugins/hub/generators.js';
export type {} from '../plugins/hub/streams.js';
export type { EventBus, Published, PublishedBatch, PublishOptions } from './bus/event-bus.js';
export type { Clock } from './clock.js';
export type { HubConfig } from './config/settings.js';
export { ConfigError, type ErrorCode, SluiceError } from './errors.js';
export type { EventInput } from './events/event.js';
export type { GeneratorSet } from './generators/generator-set.js';
export type { Claim } from './log/receipts.js';
export type { StreamRegistry } from './streams/registry.js';

/** A setting that is `undefined` gets its default, like one that is absent. */
type HubSettings = { readonly [K in keyof HubConfig]?: HubConfig[K] | undefined };

/**
 * Settings of the hub, and two options of Fastify's `register`. Fastify applies these only to a plugin with a scope of its own; the
 * hub has none, so that the host gets its decorators, and passes them on to its routes.
 */
export interface SluiceOptions extends HubSettings, Pick<RegisterOptions, 'logLevel' | 'logSerializers'> {
  /** Path under which all routes stand. Default: none. */
  readonly prefix?: string;
  /**
   * Event streams let go of Fastify's request and reply, saving about a kilobyte per watcher; the host's `onResponse` hooks
   * do not run for them. Default: false; the standalone server sets true.
   */
  readonly releaseReplies?: boolean;
  /**
   * Nothing else answers in this application, so that the hub lets pages ask for paths that nothing is at (CORS preflights) without a
   * prefix, too. Default: false; the standalone server sets true.
   */
  readonly isAlone?: boolean;
  /** Time, for tests. Default: the machine's. */
  readonly clock?: Clock;
}

const root = join(import.meta.dirname, '..');

/**
 * The hub as a Fastify plugin. The host gets `bus`, `streams` and `generators`; everything else stays under the prefix.
 * @throws ConfigError for a bad setting, or where the scope has a decorator of one of these names
 */
async function sluice(app: FastifyInstance, options: SluiceOptions): Promise<void> {
  checkHost(app);
  const { logLevel, logSerializers, clock = systemClock, releaseReplies = false, isAlone = false, ...rest } = options;
  const { prefix: given = '', ...settings } = rest;
  const prefix = given.replace(/\/$/, '');
  const config = resolveConfig(hubSchema, settings);
  const since = clock.elapsed();
  const figures = { requests: 0, rejected: {} };
  const load = watchLoad(app, config.maxEventLoopLagMs, clock);
  const ownsUnknownPaths = isAlone || prefix !== '';
  const context: HubContext = { config, clock, releaseReplies, ownsUnknownPaths, since, figures, load };
  await app.register(autoload, { dir: join(root, 'plugins', 'hub'), options: context });
  const standing = {
    prefix,
    ...(logLevel !== undefined && { logLevel }),
    ...(logSerializers !== undefined && { logSerializers }),
  };
  await app.register(serveHttp, { ...standing, context });
}

function checkHost(app: FastifyInstance): void {
  // An enclosing scope may have a hub of its own; a second one in this scope is an error.
  const taken = ['bus', 'streams', 'generators'].find((name) => Object.hasOwn(app, name));
  if (taken !== undefined) {
    throw new ConfigError(
      `there is '${taken}' here already: register each hub in a scope of its own, app.register(async (scope) => …)`,
    );
  }
}

function watchLoad(app: FastifyInstance, maxLagMs: number, clock: Clock): Load {
  const held = () => app.bus.log.usage().bytes;
  const onChange = (reason: string | undefined) =>
    reason === undefined
      ? app.log.info({ event: 'recovered' }, 'the server keeps up again')
      : app.log.warn({ event: 'overloaded', reason }, 'the server does not keep up: publishes are refused');
  const lines = new LogThrottle(app.log, clock);
  const onFreed = (answers: number) =>
    lines.warn('', { event: 'given-up', answers }, 'answers that nobody takes make room');
  const load = new Load(maxLagMs, held, onChange, onFreed);
  // Opening the log may block for a second, and nobody waits for anything yet.
  app.addHook('onReady', async () => load.start());
  app.addHook('onClose', async () => load.stop());
  return load;
}

async function serveHttp(app: FastifyInstance, { context }: { context: HubContext }): Promise<void> {
  await app.register(autoload, { dir: join(root, 'plugins', 'http'), options: context });
  await app.register(autoload, { dir: join(root, 'routes'), options: context });
  app.guardMethods();
}

export default fp(sluice, { name: 'sluice', fastify: '5.x' });
