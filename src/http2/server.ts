import type { RequestListener, Server } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { Socket } from 'node:net';
import type { Clock } from '../clock.js';
import type { Certificate } from '../tls/certificate.js';
import { type CertificateLog, keepRenewed } from '../tls/renewal.js';
import { expectBody } from './body-deadline.js';
import { Sessions } from './sessions.js';

/** Streams and requests at once on one connection; a client that needs more opens another. */
const MAX_CONCURRENT_STREAMS = 250;
const KEEP_ALIVE_MS = 72_000;
/** Time for a connection to send its last bytes at shutdown. */
const LINGER_MS = 1000;

interface TransportLimits {
  /** Time for a request to arrive whole, ms. */
  readonly requestTimeout: number;
  /** Time for the headers of HTTP/1.1, and for the handshake before them, ms. */
  readonly headersTimeout: number;
  /** Time between two looks at whether a request of HTTP/1.1 is late, ms. */
  readonly connectionsCheckingInterval: number;
  /** Bytes of a request's headers. */
  readonly maxHeaderSize: number;
  /** Time in which something must move on a connection of HTTP/1.1 that has a request under way, ms. */
  readonly timeout: number;
}

interface TlsServerOptions {
  readonly certificate: Certificate;
  readonly limits: TransportLimits;
  readonly log: CertificateLog;
  readonly clock: Clock;
}

/**
 * A server of HTTP/2 and HTTP/1.1 over TLS: each client speaks what it can (ALPN, RFC 7301).
 * @returns as the kind of server that Fastify's types begin with: what both kinds have is all that is used of it
 */
export function createTlsServer(options: TlsServerOptions, handler: RequestListener): Server {
  const { certificate, limits, log, clock } = options;
  const server = createSecureServer({
    cert: certificate.cert,
    key: certificate.key,
    allowHTTP1: true,
    noDelay: true,
    handshakeTimeout: limits.headersTimeout,
    settings: { maxConcurrentStreams: MAX_CONCURRENT_STREAMS, maxHeaderListSize: limits.maxHeaderSize },
  });
  server.on('request', handler as never);
  server.on('request', (request) => expectBody(request, clock, limits.requestTimeout));
  keepRenewed(server, certificate, log, clock);
  const closeAllConnections = closing(server, new Sessions(server, clock), clock);
  // What speaks HTTP/1.1 here has its limits from properties of the server, not from options.
  const http1 = { ...limits, keepAliveTimeout: KEEP_ALIVE_MS, requireHostHeader: false };
  return Object.assign(server, http1, { closeAllConnections }) as unknown as Server;
}

/** Ends the connections once what was under way is finished; what cannot send its last bytes is cut off after a moment. */
function closing(server: Http2SecureServer, sessions: Sessions, clock: Clock): () => void {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return () => {
    sessions.close();
    const timer = clock.setTimeout(() => {
      for (const socket of sockets) {
        socket.destroy();
      }
    }, LINGER_MS);
    server.once('close', () => clock.clearTimeout(timer));
  };
}
