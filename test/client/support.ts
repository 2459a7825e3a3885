import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import type { Connection, ConnectionState, ConnectOptions, Resume } from '../../client/index.js';
import { connect, type InterruptionCode } from '../../client/index.js';
import sluice, { type SluiceOptions } from '../../src/app.js';

/** Backoff short enough for a test. */
export const QUICK = { retryMs: 5, maxRetryMs: 20 } as const;

interface Hub {
  readonly app: FastifyInstance;
  readonly url: string;
}

/** A hub on a real socket, closed with the test. */
export async function startHub(t: Test, options: SluiceOptions = {}): Promise<Hub> {
  // `fetch` of Node opens a spare connection after an abort; closing would wait for it.
  const app = Fastify({ return503OnClosing: false, forceCloseConnections: true });
  app.register(sluice, { retryMs: 100, shutdownGraceMs: 200, ...options });
  t.teardown(() => app.close());
  return { app, url: await app.listen({ port: 0 }) };
}

interface Served {
  readonly url: string;
  readonly server: Server;
  /** Sockets that have brought a request and are open. */
  readonly sockets: ReadonlySet<Socket>;
}

/** A small server that behaves as badly as the handler says. */
export async function serve(t: Test, handler: RequestListener): Promise<Served> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  const sockets = new Set<Socket>();
  server.on('request', ({ socket }) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server, sockets };
}

/** Answers each request with the next body as an event stream; the last one stays open. */
export async function serveStreams(t: Test, ...bodies: (string | Buffer)[]) {
  const cursors: (string | undefined)[] = [];
  const { url, server } = await serve(t, (request, response) => {
    cursors.push(request.headers['last-event-id'] as string | undefined);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(bodies[Math.min(cursors.length, bodies.length) - 1] ?? '');
    if (cursors.length < bodies.length) {
      response.end();
    }
  });
  return { url, server, cursors };
}

interface Watched {
  readonly connection: Connection;
  readonly states: ConnectionState[];
  readonly verdicts: Resume[];
  /** Resolves with the first state that fits, also one that has been. */
  reached<S extends ConnectionState['status']>(status: S): Promise<Extract<ConnectionState, { status: S }>>;
  /** Why it was interrupted, so far. */
  interruptions(): InterruptionCode[];
}

/** A connection whose states and verdicts are noted, closed with the test. */
export function watch(t: Test, url: string, options: ConnectOptions = {}): Watched {
  const states: ConnectionState[] = [];
  const verdicts: Resume[] = [];
  const waiting = new Set<() => void>();
  const connection = connect(url, {
    ...QUICK,
    ...options,
    onState: (state) => {
      states.push(state);
      for (const check of waiting) {
        check();
      }
    },
    onResume: (resume) => verdicts.push(resume),
  });
  t.teardown(() => connection.close());
  return {
    connection,
    states,
    verdicts,
    reached: (status) =>
      new Promise((resolve) => {
        const check = () => {
          const state = states.find((candidate) => candidate.status === status);
          if (state !== undefined) {
            waiting.delete(check);
            resolve(state as never);
          }
        };
        waiting.add(check);
        check();
      }),
    interruptions: () => states.flatMap((state) => (state.status === 'waiting' ? [state.reason.code] : [])),
  };
}

/** The first events of a connection; leaving the loop closes it. */
export async function take<T>(connection: AsyncIterable<T>, count: number): Promise<T[]> {
  const events: T[] = [];
  for await (const event of connection) {
    if (events.push(event) === count) {
      break;
    }
  }
  return events;
}
