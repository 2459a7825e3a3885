#!/usr/bin/env node
import { lookup } from 'node:dns/promises';
import { METHODS } from 'node:http';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { isLoopbackHost } from './access/loopback.js';
import sluice from './app.js';
import { systemClock } from './clock.js';
import { type HubConfig, hubSchema, type ServerConfig } from './config/settings.js';
import type { Refuse } from './http2/known-methods.js';
import { limitSockets } from './limits/socket-limit.js';
import { textFor } from './server/arguments.js';
import { answerClientError } from './server/client-error.js';
import { mostSockets, readEnvFile, readEnvironment, slipsIn } from './server/environment.js';
import { createLogger } from './server/pino-logger.js';
import { announce, describeSlip, warnOfSlips } from './server/startup.js';
import { explain } from './server/startup-error.js';
import { keepDebuggerShut, stopOnSignal } from './server/stop.js';
import { transport } from './server/transport.js';
import { certificateOf } from './tls/certificate.js';

/** Long enough for every valid stream name to reach its schema, however it is percent-encoded. */
const MAX_PARAM_LENGTH = 512;
/** Connections that may wait to be accepted: all watchers come back at once after a restart. The system may allow less. */
const BACKLOG = 65_535;
const HSTS = 'max-age=31536000';

function build(config: ServerConfig): FastifyInstance {
  const logger = createLogger(config.logLevel) as FastifyBaseLogger;
  const certificate = certificateOf(config);
  const refused = new WeakMap<object, Error>();
  // By way of a path that does not exist, since only the hub's hooks give an answer its headers (CORS, security).
  const refuse: Refuse = (error, raw, response) => {
    refused.set(raw, error);
    raw.url = '/%25';
    app.routing(raw, response);
  };
  const app: FastifyInstance = Fastify({
    loggerInstance: logger,
    // The hub logs what an operator looks for: watchers that come and go, and what failed.
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: config.requestTimeoutMs,
    // A large history takes as long as it takes to verify; given up on, it would not be quicker the next time.
    pluginTimeout: 0,
    ...transport(config, certificate, logger, refuse),
    trustProxy: config.trustProxy === '' ? false : config.trustProxy,
    clientErrorHandler: answerClientError,
    // A path that cannot be decoded.
    frameworkErrors: (error, { raw }, reply) => refuse(error, raw, reply.raw),
    return503OnClosing: false,
    // Publishes are finished and streams ended by then. What is left is idle, or a read that can be repeated.
    forceCloseConnections: true,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
  });
  // So that the hub answers each of them with 405 where it is wrong.
  for (const method of METHODS.filter((name) => !app.supportedMethods.includes(name))) {
    app.addHttpMethod(method);
  }
  limitSockets(app.server, mostSockets(), logger, systemClock);
  // Answered by Node itself, like those without a Host, such requests would be sent ahead without end.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.addHook('preParsing', (request, _reply, body, done) => done(refused.get(request.raw), body));
  if (certificate !== undefined) {
    requireTls(app);
  }
  app.register(sluice, { ...hubSettings(config), releaseReplies: true, isAlone: true });
  return app;
}

/**
 * Over TLS browsers are told to come back over TLS only (RFC 6797). Not under the names of this machine, where that would
 * reach whatever else listens here.
 */
function requireTls(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!isLoopbackHost(request.host)) {
      reply.header('strict-transport-security', HSTS);
    }
  });
}

function hubSettings(config: ServerConfig): Partial<HubConfig> {
  return Object.fromEntries(Object.entries(config).filter(([key]) => key in hubSchema.properties));
}

async function start(config: ServerConfig): Promise<void> {
  const { port } = config;
  // At every other address of a name Fastify would open a server of its own, with neither these limits nor this end.
  const { address: host } = await lookup(config.host, { order: 'ipv4first' });
  const app = build(config);
  const listenTextResolver = (address: string) => `Sluice listens at ${address}`;
  const url = await app.listen({ host, port, backlog: BACKLOG, listenTextResolver });
  stopOnSignal(app, config.shutdownGraceMs);
  announce(app, url, config);
  warnOfSlips(app.log, process.env);
}

let config: ServerConfig | undefined;
try {
  const text = textFor(process.argv.slice(2));
  if (text === undefined) {
    keepDebuggerShut();
    readEnvFile(process.env);
    config = readEnvironment(process.env);
    await start(config);
  } else {
    process.stdout.write(text);
  }
} catch (error) {
  const slips = slipsIn(process.env).map(describeSlip);
  process.stderr.write([explain(error, config), ...slips].map((line) => `sluice: ${line}\n`).join(''));
  process.exit(1);
}
