import { once } from 'node:events';
import { connect as open, type Socket } from 'node:net';
import type { Test } from 'tap';
import { createReader, type Reader } from './frames.js';

/** A client that sees the very bytes of a connection, and how it ended. */
export interface RawClient {
  readonly socket: Socket;
  /** Everything received so far. */
  readonly text: string;
  /** `fin`: the other side ended properly; otherwise the code of the error. */
  readonly ending: Promise<string>;
  send(text: string): void;
  /** Resolves with everything received so far, once it matches; rejects when the connection ends before. */
  until(pattern: RegExp): Promise<string>;
}

/** Opens a connection and sends `text`; closed with the test. Over a socket of the caller's, if there is one. */
export async function connect(
  t: Test,
  port: number,
  text = '',
  socket: Socket = open({ port, host: '127.0.0.1', allowHalfOpen: true }),
): Promise<RawClient> {
  t.teardown(() => socket.destroy());
  let received = '';
  let over: string | undefined;
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    received += chunk;
  });
  const ending = new Promise<string>((resolve) => {
    socket.once('end', () => resolve('fin'));
    socket.once('error', ({ code = 'error' }: NodeJS.ErrnoException) => resolve(code));
    socket.once('close', () => resolve('closed'));
  });
  ending.then((how) => {
    over = how;
  });
  await once(socket, 'connect');
  socket.write(text);
  return {
    socket,
    ending,
    get text() {
      return received;
    },
    send: (more) => socket.write(more),
    async until(pattern) {
      while (!pattern.test(received)) {
        if (over !== undefined) {
          throw new Error(`the connection ended (${over}) without ${pattern}: ${received}`);
        }
        await Promise.race([once(socket, 'data'), ending]);
      }
      return received;
    },
  };
}

/** A request as it is written on the wire. */
export function request(line: string, headers: Record<string, string> = {}, body = ''): string {
  const all = { host: 'localhost', ...headers };
  const fields = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line} HTTP/1.1\r\n${fields.join('')}\r\n${body}`;
}

/** What an EventSource makes of an unchunked answer's body. */
export function readBody(text: string): Reader {
  const reader = createReader();
  reader.feed(Buffer.from(text.slice(text.indexOf('\r\n\r\n') + 4)));
  return reader;
}
