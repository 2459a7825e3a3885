import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** What an EventSource makes of a stream. */
export interface Reader {
  readonly messages: EventSourceMessage[];
  /** Reconnection times as they came. */
  readonly retries: number[];
  /** The cursor a reconnection would carry. */
  readonly cursor: string | undefined;
  feed(chunk: Buffer): void;
}

/** Reads a stream with a parser that is not ours; a line that is no known field is an error. */
export function createReader(onMessage: (message: EventSourceMessage) => void = () => {}): Reader {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const messages: EventSourceMessage[] = [];
  const retries: number[] = [];
  let cursor: string | undefined;
  const parser = createParser({
    onEvent(message) {
      cursor = message.id ?? cursor;
      messages.push(message);
      onMessage(message);
    },
    onRetry: (ms) => retries.push(ms),
    onError(error) {
      throw error;
    },
  });
  return {
    messages,
    retries,
    get cursor() {
      return cursor;
    },
    feed: (chunk) => parser.feed(decoder.decode(chunk, { stream: true })),
  };
}

/** The messages of whole frames. */
export function readFrames(...frames: Buffer[]): EventSourceMessage[] {
  const reader = createReader();
  reader.feed(Buffer.concat(frames));
  return reader.messages;
}
