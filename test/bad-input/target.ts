import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { Test } from 'tap';
import sluice, { type SluiceOptions } from '../../src/app.js';
import { answerClientError } from '../../src/server/client-error.js';
import { createTestClock } from '../support/clock.js';
import { connect, type RawClient } from '../support/raw-client.js';
import { eventually } from '../wire/serve.js';

/** A hub on a real socket, to be treated badly. */
export interface Target {
  readonly app: FastifyInstance;
  readonly port: number;
}

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Everything that came, head and all. */
  readonly text: string;
}

export async function createTarget(t: Test, options: SluiceOptions = {}): Promise<Target> {
  const app = Fastify({
    logger: { level: 'error', stream: { write: (line: string) => t.fail(line) } },
    logController: new LogController({ disableRequestLogging: true }),
    return503OnClosing: false,
    routerOptions: { maxParamLength: 512 },
    clientErrorHandler: answerClientError,
  });
  app.register(sluice, { clock: createTestClock(), ...options });
  t.teardown(() => app.close());
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return { app, port };
}

/** Sends the very bytes on a connection of their own, and reads until the server closes it. */
export async function send(t: Test, { port }: Pick<Target, 'port'>, bytes: string | Buffer): Promise<Answer> {
  const client = await connect(t, port);
  client.socket.write(bytes);
  t.equal(await client.ending, 'fin', 'the server ends the connection properly');
  client.socket.end();
  return readAnswer(client);
}

export function readAnswer({ text }: RawClient): Answer {
  const end = text.indexOf('\r\n\r\n');
  const head = text.slice(0, end);
  const body = text.slice(end + 4);
  const { code = '', message = '' } = /^content-type: application\/json/im.test(head) ? JSON.parse(body) : {};
  return { status: Number(head.split(' ')[1]), code, message, text };
}

/** Nothing was stored but what is given, nobody is left, and the next request is answered. */
export async function isUnharmed(t: Test, target: Target, stored = 0): Promise<void> {
  t.equal(target.app.bus.log.head, stored, `${stored} events are stored`);
  await isAlive(t, target);
}

/** The next request is answered, and no connection is left. */
export async function isAlive(t: Test, { app, port }: Target): Promise<void> {
  t.equal((await fetch(`http://127.0.0.1:${port}/livez`, { headers: { connection: 'close' } })).status, 200);
  const count = promisify(app.server.getConnections.bind(app.server));
  let open = await count();
  await eventually(() => {
    count().then((now) => {
      open = now;
    });
    return open === 0 && app.streams.size === 0;
  });
}

/** A request as it is written on the wire; its connection ends with the answer. */
export function raw(line: string, headers: readonly string[] = [], body: string | Buffer = ''): Buffer {
  const bytes = Buffer.from(body);
  const length = bytes.length > 0 ? [`content-length: ${bytes.length}`] : [];
  const fields = ['host: localhost', 'connection: close', ...length, ...headers].map((field) => `${field}\r\n`);
  return Buffer.concat([Buffer.from(`${line} HTTP/1.1\r\n${fields.join('')}\r\n`, 'latin1'), bytes]);
}

export const JSON_TYPE = 'content-type: application/json';
