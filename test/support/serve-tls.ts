import type { Server } from 'node:http';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type OutgoingHttpHeaders,
  type Settings,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import Fastify, { type FastifyHttpOptions, type FastifyInstance, LogController } from 'fastify';
import type { Test } from 'tap';
import sluice, { type SluiceOptions } from '../../src/app.js';
import { createTlsServer } from '../../src/http2/server.js';
import { readCertificate } from '../../src/tls/certificate.js';
import { makeCertificate } from './certificate.js';
import { createTestClock, type TestClock } from './clock.js';
import { createReader, type Reader } from './frames.js';

interface ServedTls {
  readonly app: FastifyInstance;
  readonly clock: TestClock;
  readonly port: number;
  readonly url: string;
  readonly log: string[];
}

const LIMITS = {
  requestTimeout: 30_000,
  headersTimeout: 15_000,
  connectionsCheckingInterval: 30_000,
  maxHeaderSize: 16_384,
  timeout: 72_000,
};

/** A hub on HTTP/2 over TLS, closed with the test; time stands still until the test moves it. */
export async function serveTls(t: Test, options: SluiceOptions = {}): Promise<ServedTls> {
  const clock = createTestClock();
  const { cert, key } = makeCertificate(t);
  const log: string[] = [];
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  const tls = { certificate: readCertificate(cert, key), limits: LIMITS, log: silent, clock };
  const transport: FastifyHttpOptions<Server> & { readonly https: object } = {
    https: {},
    serverFactory: (handler) => createTlsServer(tls, handler),
  };
  const app = Fastify({
    logger: { stream: { write: (line: string) => log.push(line) } },
    logController: new LogController({ disableRequestLogging: true }),
    return503OnClosing: false,
    forceCloseConnections: true,
    ...transport,
  });
  app.register(sluice, { clock, ...options });
  t.teardown(() => app.close());
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return { app, clock, port, url: `https://127.0.0.1:${port}`, log };
}

/** An HTTP/2 connection, closed with the test; over a socket of the caller's, if there is one. */
export function openSession(t: Test, url: string, socket?: TLSSocket, settings: Settings = {}): ClientHttp2Session {
  const transport = socket === undefined ? { rejectUnauthorized: false } : { createConnection: () => socket };
  const session = connect(url, { ...transport, settings });
  session.on('error', () => {});
  t.teardown(() => session.destroy());
  return session;
}

interface Exchange {
  readonly request: ClientHttp2Stream;
  readonly status: Promise<number>;
  readonly headers: Promise<Record<string, unknown>>;
  readonly reader: Reader;
  /** The body so far. */
  readonly text: string;
  /** Resolves when the stream has closed, with the code of its end (RFC 9113 §7); 0 is none. */
  readonly closed: Promise<number>;
}

/** A request; its body, if it has one, is for the caller to send. */
export function send(session: ClientHttp2Session, headers: OutgoingHttpHeaders): Exchange {
  const request = session.request(headers);
  const reader = createReader();
  let text = '';
  request.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  request.on('error', () => {});
  const answered = new Promise<Record<string, unknown>>((resolve) => request.once('response', resolve));
  request.once('response', (answer) => {
    if (String(answer['content-type']).startsWith('text/event-stream')) {
      request.on('data', (chunk: Buffer) => reader.feed(chunk));
    }
  });
  const closed = new Promise<number>((resolve) => request.once('close', () => resolve(request.rstCode ?? 0)));
  return {
    request,
    headers: answered,
    status: answered.then((answer) => Number(answer[':status'])),
    reader,
    closed,
    get text() {
      return text;
    },
  };
}

/** Watches a path. */
export function watchOver(session: ClientHttp2Session, path: string, headers: OutgoingHttpHeaders = {}): Exchange {
  return send(session, { ':path': path, ...headers });
}
