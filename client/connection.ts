import { Attempt, type AttemptHandlers } from './attempt.js';
import { backoff } from './backoff.js';
import { Delivery } from './delivery.js';
import type { StreamError } from './errors.js';
import { call, type Listener } from './listeners.js';
import { MAX_TIMER_MS, sleep } from './sleep.js';
import type { AnyEvent, Connection, ConnectionState, ConnectOptions, Resume, Unsubscribe } from './types.js';

const DEFAULT_RETRY_MS = 2000;
const DEFAULT_MAX_RETRY_MS = 30_000;
const DEFAULT_MAX_QUEUED = 256;

/** Attempt after attempt, until it is closed or cannot heal. */
export class LastingConnection<E extends object> implements Connection<E> {
  readonly #url: string;
  readonly #options: ConnectOptions;
  readonly #delivery: Delivery<AnyEvent<E>>;
  readonly #closing = new AbortController();
  readonly close = (): void => this.#end();
  #attempt: Attempt | undefined;
  #state: ConnectionState = { status: 'connecting', attempt: 1 };
  #lastEventId: string;
  #retryMs: number;
  /** Interruptions since the server last served something. */
  #failures = 0;
  readonly #handlers: AttemptHandlers = {
    onOpen: () => this.#setState({ status: 'open' }),
    onServed: () => {
      this.#failures = 0;
    },
    onEvent: (message) => this.#delivery.deliver({ ...message, id: this.#lastEventId } as AnyEvent<E>),
    onResume: (resume) => this.#onResume(resume),
    onExpiring: (expiring) => call(this.#options.onExpiring, expiring),
    onId: (id) => {
      this.#lastEventId = id;
    },
    onRetry: (ms) => {
      this.#retryMs = ms;
    },
    ready: () => this.#delivery.ready(),
  };

  constructor(url: string, options: ConnectOptions) {
    this.#url = url;
    this.#options = options;
    this.#delivery = new Delivery(options.maxQueued ?? DEFAULT_MAX_QUEUED, this.close);
    this.#lastEventId = options.lastEventId ?? '';
    this.#retryMs = options.retryMs ?? DEFAULT_RETRY_MS;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get lastEventId(): string {
    return this.#lastEventId;
  }

  on(...args: [listener: Listener] | [type: string, listener: Listener]): Unsubscribe {
    return args.length === 1 ? this.#delivery.listen(undefined, args[0]) : this.#delivery.listen(...args);
  }

  [Symbol.asyncIterator](): AsyncIterator<AnyEvent<E>, undefined> {
    return this.#delivery.loop();
  }

  /** Runs until it has ended; never rejects. */
  async run(): Promise<void> {
    const { signal } = this.#options;
    signal?.addEventListener('abort', this.close);
    if (signal?.aborted) {
      this.#end();
    }
    try {
      while (!this.#closing.signal.aborted) {
        await this.#once();
      }
    } catch (error) {
      this.#end(error as StreamError);
    } finally {
      signal?.removeEventListener('abort', this.close);
    }
  }

  /** One attempt and the wait after it. */
  async #once(): Promise<void> {
    this.#attempt = new Attempt(this.#options, this.#handlers);
    this.#setState({ status: 'connecting', attempt: this.#failures + 1 });
    const { reason, waitMs } = await this.#attempt.run(this.#url, this.#lastEventId);
    if (this.#closing.signal.aborted) {
      return;
    }
    const askedMs = Math.max(waitMs, reason.code === 'refused' ? this.#retryMs : 0);
    const delayMs = Math.min(Math.max(askedMs, this.#backoff()), MAX_TIMER_MS);
    this.#failures++;
    this.#setState({ status: 'waiting', reason, delayMs });
    await sleep(delayMs, this.#closing.signal, askedMs === 0);
  }

  #backoff(): number {
    return backoff(this.#failures, this.#retryMs, this.#options.maxRetryMs ?? DEFAULT_MAX_RETRY_MS);
  }

  #onResume(resume: Resume): void {
    call(this.#options.onResume, resume);
    if (resume.resume === 'gap' && !this.#closing.signal.aborted) {
      call(this.#options.onGap, resume);
    }
  }

  #end(error?: StreamError): void {
    if (this.#state.status === 'closed') {
      return;
    }
    this.#closing.abort();
    this.#attempt?.abort();
    this.#delivery.end(error);
    this.#setState({ status: 'closed', ...(error !== undefined && { error }) });
  }

  /** Nothing comes after `closed`, not even an answer that was just being looked at. */
  #setState(state: ConnectionState): void {
    if (this.#state.status === 'closed') {
      return;
    }
    this.#state = state;
    call(this.#options.onState, state);
  }
}
