#!/usr/bin/env node
import { lookup } from 'node:dns/promises';
import { METHODS, type Server } from 'node:http';
import Fastify, { type FastifyBaseLogger, type FastifyHttpOptions, type FastifyInstance, LogController } from 'fastify';
import { isLoopbackHost } from './access/loopback.js';
import sluice from './app.js';
import { systemClock } from './clock.js';
import { type HubConfig, hubSchema, type ServerConfig } from './config.js';
import { ConfigError } from './errors.js';
import { MAX_HEADER_BYTES } from './limits/header-size.js';
import { limitSockets } from './limits/socket-limit.js';
import { STILL_MS } from './limits/still-answers.js';
import { textFor } from './server/arguments.js';
import { answerClientError } from './server/client-error.js';
import { mostSockets, readEnvFile, readEnvironment, slipsIn } from './server/environment.js';
import { createLogger } from './server/logger.js';
import { announce, describeSlip, warnOfSlips } from './server/startup.js';
import { keepDebuggerShut, stopOnSignal } from './server/stop.js';
import { type Certificate, certificateOf } from './tls/certificate.js';
import { onlyKnownMethods, type Refuse } from './tls/known-methods.js';
import { createTlsServer } from './tls/server.js';

/** Long enough for every valid stream name to reach its schema, however it is percent-encoded. */
const MAX_PARAM_LENGTH = 512;
/** Connections that may wait to be accepted: all watchers come back at once after a restart. The system may allow less. */
const BACKLOG = 65_535;
/** Time between two looks at whether a request is late; Node's own is half a minute. */
const CONNECTIONS_CHECK_MS = 500;
const HSTS = 'max-age=31536000';

type Transport = Pick<FastifyHttpOptions<Server>, 'http' | 'connectionTimeout' | 'serverFactory'> & {
  readonly https?: object;
};

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
  app.register(sluice, { ...hubSettings(config), releaseReplies: true });
  return app;
}

/** Plain HTTP/1.1; with a certificate HTTP/2 and HTTP/1.1 over TLS. */
function transport(
  config: ServerConfig,
  certificate: Certificate | undefined,
  log: FastifyBaseLogger,
  refuse: Refuse,
): Transport {
  const limits = {
    requestTimeout: config.requestTimeoutMs,
    headersTimeout: Math.floor(config.requestTimeoutMs / 2),
    connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    timeout: Math.max(STILL_MS, config.requestTimeoutMs),
  };
  if (certificate === undefined) {
    return { http: { ...limits, requireHostHeader: false }, connectionTimeout: limits.timeout };
  }
  const options = { certificate, limits, log, clock: systemClock };
  return { https: {}, serverFactory: (handler) => createTlsServer(options, onlyKnownMethods(handler, refuse)) };
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

const unknownName = ({ host }: ServerConfig) =>
  `${host} is no name that can be resolved: set HOST to an address, or to 0.0.0.0 for all`;

/** What keeps a server from listening, and what to do about it. */
const REMEDIES: Record<string, (config: ServerConfig) => string> = {
  ENOTFOUND: unknownName,
  EAI_AGAIN: unknownName,
  EADDRINUSE: ({ host, port }) => `port ${port} on ${host} is taken: stop what listens there or set PORT to another`,
  EACCES: ({ port }) => `port ${port} needs CAP_NET_BIND_SERVICE: grant it, or set PORT to 1024 or above`,
  EADDRNOTAVAIL: ({ host }) =>
    `${host} is no address of this machine: set HOST to one of its own, or to 0.0.0.0 for all`,
};

function explain(error: unknown, config: ServerConfig | undefined): string {
  const { code = '', syscall, message } = error as NodeJS.ErrnoException;
  if (error instanceof ConfigError || config === undefined) {
    return message;
  }
  const remedy = syscall === 'listen' || syscall === 'getaddrinfo' ? REMEDIES[code] : undefined;
  return remedy?.(config) ?? `cannot start on ${config.host}:${config.port}: ${message}`;
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
