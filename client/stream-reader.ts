import { createFrameReader, type FrameReader } from './frames.js';
import { textField } from './json.js';
import { createMessageReader, type Message } from './messages.js';
import type { Expiring, Interruption, InterruptionCode, Resume } from './types.js';

export interface StreamHandlers {
  /** The server takes the watcher in: it sends something else than a refusal. */
  onServed(): void;
  onEvent(message: Message): void;
  onResume(resume: Resume): void;
  onExpiring(expiring: Expiring): void;
  /** The cursor has moved; called before the event that moved it. */
  onId(id: string): void;
  onRetry(ms: number): void;
}

/** Reads the body of one event stream, keeps the server's own events to itself, and knows why the stream ends. */
export class StreamReader {
  readonly #handlers: StreamHandlers;
  readonly #frames: FrameReader;
  readonly #read = createMessageReader();
  /** Why the stream ends, should it end now. */
  ending: Interruption = { code: 'ended', message: 'the server ended the stream' };

  /** @param signal stops it, even in the middle of a chunk */
  constructor(handlers: StreamHandlers, signal: AbortSignal) {
    const { onId, onRetry } = handlers;
    const onFrame = (type: string | undefined, data: string) => this.#handle(this.#read(type, data));
    this.#handlers = handlers;
    this.#frames = createFrameReader({ onFrame, onId, onRetry }, signal);
  }

  feed(chunk: Uint8Array): void {
    this.#frames.feed(chunk);
  }

  finish(): void {
    this.#frames.finish();
  }

  #handle(message: Message): void {
    const { type, data } = message;
    if (type !== 'refused') {
      this.#handlers.onServed();
    }
    switch (type) {
      case 'connected':
        // Other servers may greet too, without a verdict.
        if (textField(data, 'resume') !== undefined) {
          this.#handlers.onResume(data as Resume);
        }
        break;
      case 'heartbeat':
        break;
      case 'refused':
        this.#announceEnd('refused', data);
        break;
      case 'expiring':
        this.#announceEnd('expired', data);
        this.#handlers.onExpiring(data as Expiring);
        break;
      default:
        this.#handlers.onEvent(message);
    }
  }

  /** In the server's words, where it has some. */
  #announceEnd(code: InterruptionCode, data: unknown): void {
    this.ending = { code, message: textField(data, 'message') ?? `the server ended the stream: ${code}` };
  }
}
