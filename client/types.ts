import type { StreamError } from './errors.js';

/** Data by event type, as in `connect<{ 'stock-update': Stock }>(url)`. Untyped, every type may come with any data. */
export type Events = Record<string, unknown>;

/** What every event has beside its type and data. */
interface EventMeta {
  /** The cursor after this event, the `Last-Event-ID` to resume from; empty while the server has sent none. */
  readonly id: string;
  /** Name of the stream it belongs to; only the envelope format (`/events`) tells. */
  readonly stream?: string;
  /** When the server accepted it, ISO 8601; only the envelope format tells. */
  readonly time?: string;
}

/** An event of one type. */
export interface EventOf<Type extends string, Data> extends EventMeta {
  readonly type: Type;
  /** The JSON value, or the text where it is no JSON. */
  readonly data: Data;
}

/** Any event of a connection; comparing `type` narrows `data`. */
export type AnyEvent<E extends object = Events> = {
  [Type in keyof E & string]: EventOf<Type, E[Type]>;
}[keyof E & string];

/** Why the server cannot give everything that was missed: see the resume table of the server. */
export type GapReason = 'trimmed' | 'lost' | 'epoch' | 'ahead' | 'malformed';

interface ResumeMeta {
  /** The streams and patterns the server serves on this connection. */
  readonly streams: readonly string[];
  /** Where replay starts from. */
  readonly cursor: string;
  /** The server's heartbeat interval in ms; other servers may not tell. */
  readonly heartbeatMs?: number;
}

/** Some of what was missed is gone: load the state anew. */
export interface Gap extends ResumeMeta {
  readonly resume: 'gap';
  readonly reason: GapReason;
  /** The streams concerned, at most 100; absent when the reason concerns them all, empty when not all are known, so that any may be. */
  readonly gaps?: readonly string[];
  /** How many streams are concerned. */
  readonly gapCount?: number;
}

/** `fresh`: no cursor was sent. `exact`: every missed event follows, once and in order. */
export interface Continuity extends ResumeMeta {
  readonly resume: 'fresh' | 'exact';
}

/** The server's verdict at the beginning of each connection. */
export type Resume = Continuity | Gap;

/** What the server says 30 s before it ends a connection whose access ends; at once when it was taken away. */
export interface Expiring {
  /** The server's words. */
  readonly message: string;
  /** When it ends, epoch milliseconds. */
  readonly expires: number;
}

/**
 * `network`: no answer, or it broke off. `ended`: the server ended the stream. `silent`: nothing came for 2.5 heartbeat
 * intervals. `refused`: the server asked to come back later. `expired`: it ended what it had announced to end.
 * `unavailable`: 408, 425, 429 or 5xx. `headers`: the `headers` function failed, or made none that can be sent.
 */
export type InterruptionCode = 'network' | 'ended' | 'silent' | 'refused' | 'expired' | 'unavailable' | 'headers';

/** Why a connection broke off; the client comes back by itself. */
export interface Interruption {
  readonly code: InterruptionCode;
  /** The same in words, with the server's own where it sent some. */
  readonly message: string;
  /** HTTP status, with `unavailable`. */
  readonly status?: number;
}

/** Where a connection stands. A first attempt that fails is `waiting` too. */
export type ConnectionState =
  | {
      readonly status: 'connecting';
      /** 1 at first, 2 on the first return, and so on until it works again. */
      readonly attempt: number;
    }
  | { readonly status: 'open' }
  | {
      readonly status: 'waiting';
      readonly reason: Interruption;
      /** Until the next attempt, in ms. */
      readonly delayMs: number;
    }
  | {
      readonly status: 'closed';
      /** Why it stopped for good; absent after `close()` or an abort. */
      readonly error?: StreamError;
    };

/** Whatever `fetch` takes for headers: an object, pairs, `Headers`. */
export type HeaderValues = ConstructorParameters<typeof Headers>[0];
/** Headers of a request, or what makes them anew for each, so that a token can be fresh. */
export type HeaderSource = HeaderValues | (() => HeaderValues | Promise<HeaderValues>);

/** What requests are sent with; what is `undefined` gets its default, like what is absent. */
export interface RequestOptions {
  /** Default: none. */
  readonly headers?: HeaderSource | undefined;
  /** Ends the connection or gives the request up when aborted. Default: none. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether cookies go along (Fetch standard §2.2.5): `include` sends them to another origin too, which the server must
   * allow and the cookie itself. Default: `same-origin`.
   */
  readonly credentials?: 'omit' | 'same-origin' | 'include' | undefined;
  /** For proxies and tests. Default: the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

export interface ConnectOptions extends RequestOptions {
  /** Cursor to resume from, kept from an earlier connection. Default: none, start live. */
  readonly lastEventId?: string | undefined;
  /** Base of the backoff in ms, until the server sends `retry:`. Default: 2000. */
  readonly retryMs?: number | undefined;
  /** Longest backoff in ms, unless the server asks for more. Default: 30,000. */
  readonly maxRetryMs?: number | undefined;
  /**
   * The server's heartbeat interval in ms; 2.5 of them without a byte is a dead connection. 0: never. Default: what the
   * server says at the beginning of each connection, but at least 4,000; 15,000 until then.
   */
  readonly heartbeatMs?: number | undefined;
  /** Events that may wait for the `for await` loop before reading pauses, at least 1. Default: 256. */
  readonly maxQueued?: number | undefined;
  /** Called at each change of state. */
  readonly onState?: ((state: ConnectionState) => void) | undefined;
  /** Called with the verdict at the beginning of each connection, before its events. */
  readonly onResume?: ((resume: Resume) => void) | undefined;
  /** Called, after `onResume`, when something that was missed cannot be had any more. */
  readonly onGap?: ((gap: Gap) => void) | undefined;
  /** Called when the server is about to end the connection because its access ends: time to renew the token. */
  readonly onExpiring?: ((expiring: Expiring) => void) | undefined;
}

/** Ends a listener; more than once does no harm. */
export type Unsubscribe = () => void;

/**
 * A connection that lasts: it comes back by itself until it is closed or cannot heal. Reading begins with the first
 * listener or `for await` loop, so nothing is lost before it.
 */
export interface Connection<E extends object = Events> extends AsyncIterable<AnyEvent<E>> {
  readonly state: ConnectionState;
  /** The cursor of the last event read, for `lastEventId` of a later connection; empty when there is none. */
  readonly lastEventId: string;
  /** Calls the listener with every event. */
  on(listener: (event: AnyEvent<E>) => void): Unsubscribe;
  /** Calls the listener with the events of one type. */
  on<Type extends keyof E & string>(type: Type, listener: (event: EventOf<Type, E[Type]>) => void): Unsubscribe;
  /**
   * Every event in order, once per connection; leaving the loop closes the connection. Ends with `close()` or an abort.
   * @throws StreamError when the connection stops for good
   */
  [Symbol.asyncIterator](): AsyncIterator<AnyEvent<E>, undefined>;
  /** Ends the connection for good; more than once does no harm. */
  close(): void;
}
