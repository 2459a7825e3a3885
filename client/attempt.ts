import { unlessAborted } from './abort.js';
import { detailOf, StreamError } from './errors.js';
import { cursorHeader, joinHeaders, resolveHeaders } from './headers.js';
import { expectStream, Interrupted } from './outcome.js';
import { MAX_TIMER_MS } from './sleep.js';
import { type StreamHandlers, StreamReader } from './stream-reader.js';
import type { ConnectOptions, Resume } from './types.js';

export interface AttemptHandlers extends StreamHandlers {
  /** The server answers with an event stream. */
  onOpen(): void;
  /** Resolves when more may be read. */
  ready(): Promise<void>;
}

const HEARTBEATS = 2.5;
const DEFAULT_HEARTBEAT_MS = 15_000;
/** However often a server says that it beats, it may be busy for a while. */
const LEAST_HEARTBEAT_MS = 4000;

/** One request, from its headers to the end of its stream. No timer or socket of it outlives it. */
export class Attempt {
  readonly #options: ConnectOptions;
  readonly #handlers: AttemptHandlers;
  readonly #controller = new AbortController();
  #heartbeatMs = DEFAULT_HEARTBEAT_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ConnectOptions, handlers: AttemptHandlers) {
    this.#options = options;
    this.#handlers = {
      ...handlers,
      onResume: (resume) => {
        this.#heartbeatMs = heartbeatOf(resume);
        handlers.onResume(resume);
      },
    };
  }

  abort(): void {
    this.#controller.abort();
  }

  /**
   * @returns why it broke off
   * @throws StreamError for an answer that waiting cannot heal
   */
  async run(url: string, lastEventId: string): Promise<Interrupted> {
    try {
      return await unlessAborted(() => this.#exchange(url, lastEventId), this.#controller.signal);
    } catch (error) {
      if (error instanceof StreamError) {
        throw error;
      }
      return error instanceof Interrupted
        ? error
        : new Interrupted({ code: 'network', message: `the connection failed: ${detailOf(error)}` });
    } finally {
      clearTimeout(this.#timer);
      this.abort();
    }
  }

  async #exchange(url: string, lastEventId: string): Promise<Interrupted> {
    const response = await this.#watch(() => this.#request(url, lastEventId));
    const body = await this.#watch(() => expectStream(response));
    this.#handlers.onOpen();
    return this.#read(body);
  }

  async #request(url: string, lastEventId: string): Promise<Response> {
    const { headers, credentials = 'same-origin', fetch: send = fetch } = this.#options;
    const cursor = cursorHeader(lastEventId);
    const own = resolveHeaders(headers).then((values) => joinHeaders({ accept: 'text/event-stream' }, values, cursor));
    const request = {
      headers: await own.catch((error: unknown) => {
        throw new Interrupted({ code: 'headers', message: `the headers could not be made: ${error}` });
      }),
      cache: 'no-store' as const,
      credentials,
      signal: this.#controller.signal,
    };
    return send(url, request);
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<Interrupted> {
    const stream = new StreamReader(this.#handlers, this.#controller.signal);
    const chunks = body.getReader();
    try {
      while (stream.ending.code !== 'refused') {
        // Not reading is what slows the server down; only the time spent reading counts as silence.
        await this.#handlers.ready();
        const { done, value } = await this.#watch(() => chunks.read());
        if (done) {
          break;
        }
        stream.feed(value);
      }
    } finally {
      stream.finish();
    }
    return new Interrupted(stream.ending);
  }

  /** Takes a step, and gives the attempt up if it takes too long. */
  async #watch<T>(step: () => Promise<T>): Promise<T> {
    this.#controller.signal.throwIfAborted();
    const silenceMs = HEARTBEATS * (this.#options.heartbeatMs ?? this.#heartbeatMs);
    if (silenceMs > 0 && silenceMs <= MAX_TIMER_MS) {
      this.#timer = setTimeout(() => this.#giveUp(silenceMs), silenceMs);
    }
    try {
      return await step();
    } finally {
      clearTimeout(this.#timer);
    }
  }

  #giveUp(silenceMs: number): void {
    const message = `nothing came from the server for ${silenceMs} ms`;
    this.#controller.abort(new Interrupted({ code: 'silent', message }));
  }
}

/** 0, never, is as the server says. */
function heartbeatOf({ heartbeatMs = DEFAULT_HEARTBEAT_MS }: Resume): number {
  return heartbeatMs === 0 ? 0 : Math.max(heartbeatMs, LEAST_HEARTBEAT_MS) || DEFAULT_HEARTBEAT_MS;
}
