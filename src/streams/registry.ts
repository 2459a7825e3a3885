import { EventEmitter, once } from 'node:events';
import type { Clock } from '../clock.js';
import type { Format } from '../events/frame.js';
import type { EventLog } from '../log/event-log.js';
import { Audience, type AudienceEvents, type AudienceOptions } from './audience.js';
import { type CapOptions, Caps, type Client } from './caps.js';
import { type CloseReason, Connection, type ConnectionSummary } from './connection.js';
import { encodeRefused } from './control-frames.js';
import type { Lease } from './ends/lease.js';
import { countRefusals, type Refusal, refusalOf } from './refusal.js';
import { CatchUp, type CatchUpContext } from './resume/catch-up.js';
import { Greeter } from './resume/greeter.js';
import { Pacer } from './resume/pacer.js';
import { type ResumeRequest, type Resumption, resume, type Verdict } from './resume/resume.js';
import { openWindow, type Window } from './resume/window.js';
import type { Sink } from './sinks/sink.js';

export interface RegistryOptions extends AudienceOptions, CapOptions {
  /** Most bytes of events and frames in memory. */
  readonly windowBytes: number;
  /** Connections at once; one more is refused. */
  readonly maxConnections: number;
}

interface SubscribeRequest extends ResumeRequest {
  readonly format: Format;
  readonly sink: Sink;
  /** Whom it counts for; left out, nobody. */
  readonly client?: Client | undefined;
  /** For how long it may watch; left out, for good. */
  readonly lease?: Lease | undefined;
  /** Called once, when it has ended. */
  readonly onClose?: (summary: ConnectionSummary) => void;
}

/** The watchers: takes them in with a truthful verdict, keeps them served, and ends them properly. */
export class StreamRegistry extends EventEmitter<AudienceEvents> {
  readonly window: Window;
  /** Verdicts given so far. */
  readonly resumed: Record<Verdict['resume'], number> = { fresh: 0, exact: 0, gap: 0 };
  /** Streams refused so far, by code. */
  readonly refused: Record<Refusal['code'], number> = countRefusals();
  readonly #log: EventLog;
  readonly #options: RegistryOptions;
  readonly #clock: Clock;
  readonly #audience: Audience;
  readonly #catchUps: CatchUpContext;
  readonly #caps: Caps;
  readonly #greeter: Greeter;
  #isClosing = false;

  /** @param isOverloaded whether those who catch up should leave more time to the others */
  constructor(log: EventLog, options: RegistryOptions, clock: Clock, isOverloaded: () => boolean = () => false) {
    super();
    this.#log = log;
    this.window = openWindow(log, options.windowBytes);
    this.#options = options;
    this.#clock = clock;
    this.#audience = new Audience(log, this.window, options, clock, this);
    this.#caps = new Caps(options);
    this.#greeter = new Greeter(log, options, clock);
    const pacer = new Pacer(clock, isOverloaded);
    this.#catchUps = { log, window: this.window, audience: this.#audience, pacer };
    log.listen(this.#audience.fanOut);
  }

  /** Connections that are open. */
  get size(): number {
    return this.#audience.size;
  }

  /** Connections ended so far, by reason. */
  get closed(): Readonly<Record<CloseReason, number>> {
    return this.#audience.closed;
  }

  /** Events committed and events handed to connections, since the start. */
  get traffic(): { readonly events: number; readonly deliveries: number } {
    const { fanOut, rounds } = this.#audience;
    return { events: fanOut.events, deliveries: rounds.deliveries };
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Live connections that get the events of a stream. */
  watchers(stream: string): number {
    let count = 0;
    this.#audience.cohorts.wanting(stream, (cohort) => {
      count += cohort.size;
    });
    return count;
  }

  /** Streams that somebody watches by name, in order: those that start with `prefix`, after `after`, at most `limit`. */
  watchedNames(prefix: string, after: string, limit: number): string[] {
    return this.#audience.cohorts.names(prefix, after, limit);
  }

  /** Why a further stream of a client would be refused now, if it would. */
  refusal(client: Client = {}): Refusal | undefined {
    if (this.#isClosing) {
      return { code: 'SLUICE_SHUTTING_DOWN', message: 'the server is shutting down; reconnect later' };
    }
    if (this.size >= this.#options.maxConnections) {
      return { code: 'SLUICE_TOO_MANY_CONNECTIONS', message: 'too many connections; reconnect later' };
    }
    return this.#caps.refusal(client, this.#clock.elapsed());
  }

  /** Ends a stream that was never taken in, telling it why and when to come back. */
  refuse(sink: Sink, format: Format, refusal: Refusal): void {
    sink.end(this.#encodeRefusal(format, refusal));
  }

  /** Takes a watcher in: the verdict first, then what it missed or the current state, then live. */
  subscribe(request: SubscribeRequest): Verdict {
    const { selection, format, sink, client = {}, lease, onClose } = request;
    const resumption = resume(this.#log, this.window, request);
    const since = this.#clock.elapsed();
    const connection = new Connection(selection, format, sink, resumption.from, since);
    this.resumed[resumption.verdict.resume]++;
    this.#caps.enter(client, since);
    this.#audience.open(connection, (summary) => {
      this.#caps.leave(client);
      onClose?.(summary);
    });
    this.#serve(connection, resumption, lease).catch((error) => this.#fail(connection, error));
    return resumption.verdict;
  }

  /** From now on new streams are refused; those there are go on. */
  stopAccepting(): void {
    this.#isClosing = true;
  }

  /** Delivers what is committed, ends every stream, and resolves when all are closed; after `graceMs` they are cut. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    this.#audience.endAll('shutdown');
    if (this.size > 0) {
      const timer = this.#clock.setTimeout(() => this.#audience.cutAll('shutdown'), graceMs);
      await once(this, 'empty');
      this.#clock.clearTimeout(timer);
    }
  }

  /** Who starts live has joined when it returns; only a replay may have to wait. */
  async #serve(connection: Connection, { verdict, replay, withStates }: Resumption, lease?: Lease): Promise<void> {
    const states = this.#greeter.greet(connection, verdict, withStates);
    if (lease !== undefined) {
      this.#audience.hold(connection, lease);
    }
    if (!connection.isOpen) {
      return;
    }
    if (states.length > 0) {
      connection.write(Buffer.concat(states), states.length);
    }
    if (replay) {
      return new CatchUp(this.#catchUps, connection, verdict).run();
    }
    this.#audience.join(connection);
  }

  #fail(connection: Connection, error: unknown): void {
    const refusal = refusalOf(error);
    if (refusal !== undefined && connection.isOpen) {
      // Whatever refuses it has told of it already, as a damaged log has, and would again whenever the watcher comes back.
      this.#audience.end(connection, 'error', this.#encodeRefusal(connection.format, refusal));
      return;
    }
    this.emit('failed', error);
    this.#audience.drop(connection, 'error');
  }

  /** The end of a refused stream, which is counted. */
  #encodeRefusal(format: Format, refusal: Refusal): Buffer {
    this.refused[refusal.code]++;
    return encodeRefused(format, refusal, this.#options.retryMs);
  }
}
