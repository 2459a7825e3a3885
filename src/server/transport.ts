import type { RequestListener, Server } from 'node:http';
import type { FastifyBaseLogger, FastifyHttpOptions } from 'fastify';
import { systemClock } from '../clock.js';
import type { ServerConfig } from '../config/settings.js';
import { onlyKnownMethods, type Refuse } from '../http2/known-methods.js';
import { createTlsServer } from '../http2/server.js';
import { STALL_MS } from '../http2/untaken-answers.js';
import { MAX_HEADER_BYTES } from '../limits/header-size.js';
import type { Certificate } from '../tls/certificate.js';

/** Time between two looks at whether a request is late; Node's own is half a minute. */
const CONNECTIONS_CHECK_MS = 500;

type Transport = Pick<FastifyHttpOptions<Server>, 'http' | 'connectionTimeout' | 'serverFactory'> & {
  readonly https?: object;
};

/** Plain HTTP/1.1; with a certificate HTTP/2 and HTTP/1.1 over TLS. */
export function transport(
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
    timeout: Math.max(STALL_MS, config.requestTimeoutMs),
  };
  if (certificate === undefined) {
    return { http: { ...limits, requireHostHeader: false }, connectionTimeout: limits.timeout };
  }
  const options = { certificate, limits, log, clock: systemClock };
  const serverFactory = (handler: RequestListener) => createTlsServer(options, onlyKnownMethods(handler, refuse));
  return { https: {}, serverFactory };
}
