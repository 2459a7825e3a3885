import type { EventSourceMessage } from 'eventsource-parser';
import type { FastifyInstance } from 'fastify';
import { turn } from './clock.js';
import { createReader, type Reader } from './frames.js';

/** A watcher by `app.inject`, without a socket. */
interface InjectedWatcher extends Reader {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** The bytes received so far, as text. */
  readonly text: string;
  /** True when the server has ended the stream. */
  readonly isEnded: boolean;
  /** Leaves, as a client that closes its connection. */
  leave(): Promise<void>;
}

export async function watch(
  app: FastifyInstance,
  url: string,
  headers: Record<string, string> = {},
): Promise<InjectedWatcher> {
  const response = await app.inject({ url, headers, payloadAsStream: true });
  const reader = createReader();
  const stream = response.stream();
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    reader.feed(chunk);
  });
  await turn();
  return {
    statusCode: response.statusCode,
    headers: response.headers,
    messages: reader.messages,
    retries: reader.retries,
    feed: reader.feed,
    get cursor() {
      return reader.cursor;
    },
    get text() {
      return text;
    },
    get isEnded() {
      return stream.readableEnded;
    },
    async leave() {
      response.raw.res.destroy();
      await turn();
    },
  };
}

/** The JSON of a message's data. */
export function dataOf<T = Record<string, unknown>>(message: EventSourceMessage | undefined): T {
  return JSON.parse(message?.data ?? 'null') as T;
}
