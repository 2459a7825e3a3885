import type { EventEmitter } from 'node:events';
import type { Clock } from '../clock.js';
import { encodeControl } from '../events/frame.js';
import type { EventLog } from '../log/event-log.js';
import type { Cohort } from './cohorts/cohort.js';
import { CohortIndex } from './cohorts/cohort-index.js';
import { FanOut } from './cohorts/fan-out.js';
import { Rounds } from './cohorts/rounds.js';
import { type CloseReason, type Connection, type ConnectionSummary, countEnds } from './connection.js';
import { encodeFarewell } from './control-frames.js';
import { Ages } from './ends/ages.js';
import { Backpressure } from './ends/backpressure.js';
import type { Lease } from './ends/lease.js';
import { Leases } from './ends/leases.js';
import { HeartbeatFrames } from './heartbeat-frames.js';
import { Heartbeats } from './heartbeats.js';
import type { Window } from './resume/window.js';

export interface AudienceOptions {
  /** Time between two heartbeats of a connection. */
  readonly heartbeatIntervalMs: number;
  /** Reconnection time that clients are told, before jitter. */
  readonly retryMs: number;
  /** Unsent bytes of earlier deliveries over which a connection is slow. */
  readonly maxBufferedBytes: number;
  /** Age at which a connection is ended properly, before jitter; 0 for never. */
  readonly maxConnectionAgeMs: number;
}

export interface AudienceEvents {
  /** The first connection of a selection and format has joined. */
  watched: [cohort: Cohort];
  /** Its last one has left. */
  unwatched: [cohort: Cohort];
  /** Serving a connection failed; it has been cut off and may come back. */
  failed: [error: unknown];
  /** The last open connection has closed. */
  empty: [];
}

type OnClose = (summary: ConnectionSummary) => void;

/** The open connections, and how each of them is served and ended. */
export class Audience {
  readonly cohorts = new CohortIndex();
  readonly rounds: Rounds;
  readonly fanOut: FanOut;
  readonly backpressure: Backpressure;
  readonly closed = countEnds();
  readonly #log: EventLog;
  readonly #options: AudienceOptions;
  readonly #clock: Clock;
  readonly #events: EventEmitter<AudienceEvents>;
  readonly #heartbeats: Heartbeats;
  readonly #ages: Ages;
  readonly #leases: Leases;
  readonly #connections = new Set<Connection>();

  constructor(
    log: EventLog,
    window: Window,
    options: AudienceOptions,
    clock: Clock,
    events: EventEmitter<AudienceEvents>,
  ) {
    this.#log = log;
    this.#options = options;
    this.#clock = clock;
    this.#events = events;
    this.backpressure = new Backpressure(clock, options.maxBufferedBytes, (connection) =>
      this.drop(connection, 'slow'),
    );
    this.rounds = new Rounds((connection, chunk) => this.backpressure.written(connection, chunk));
    this.fanOut = new FanOut(window, this.cohorts, this.rounds);
    this.#heartbeats = new Heartbeats(clock, options.heartbeatIntervalMs, (connections) => this.#beat(connections));
    this.#ages = new Ages(clock, options.maxConnectionAgeMs, (connection) => this.end(connection, 'age'));
    this.#leases = new Leases(clock, {
      warn: (connection, message, expires) => this.#warn(connection, message, expires),
      end: (connection, reason) => this.end(connection, reason),
      cut: (connection) => connection.sink.destroy(),
    });
  }

  get size(): number {
    return this.#connections.size;
  }

  /** Takes charge of a connection until it has closed; `onClose` is called once. */
  open(connection: Connection, onClose: OnClose): void {
    this.#connections.add(connection);
    this.#heartbeats.add(connection);
    this.#ages.add(connection);
    connection.sink.onClose(() => this.#closed(connection, onClose));
  }

  /** Ends an open connection when its lease is over, which it may be already. */
  hold(connection: Connection, lease: Lease): void {
    this.#leases.add(connection, lease);
  }

  /** Takes it live: from now on it gets what its cohort gets. */
  join(connection: Connection): void {
    const cohort = this.cohorts.obtain(connection.selection, connection.format);
    cohort.add(connection);
    this.backpressure.track(connection);
    if (cohort.size === 1) {
      this.#events.emit('watched', cohort);
    }
  }

  /**
   * Begins a proper end: what it is to get so far, `last`, FIN.
   * @param last left out, only when to come back
   */
  end(connection: Connection, reason: CloseReason, last = encodeFarewell(this.#options.retryMs, reason)): void {
    this.rounds.serveOne(connection);
    if (!connection.isOpen) {
      return;
    }
    connection.reason = reason;
    this.#retire(connection);
    connection.count(0, last.length);
    connection.sink.end(last);
    this.backpressure.track(connection);
  }

  /** Ends at once, with everything unsent. */
  drop(connection: Connection, reason: CloseReason): void {
    connection.reason ??= reason;
    this.#retire(connection);
    connection.sink.destroy();
  }

  cutAll(reason: CloseReason): void {
    for (const connection of this.#connections) {
      this.drop(connection, reason);
    }
  }

  endAll(reason: CloseReason): void {
    this.rounds.finish();
    for (const connection of this.#connections) {
      this.end(connection, reason);
    }
  }

  #warn(connection: Connection, message: string, expires: number): void {
    if (connection.isOpen) {
      connection.write(encodeControl(connection.format, 'expiring', { message, expires }));
      this.backpressure.track(connection);
    }
  }

  /** Nothing more is sent to it but what its end still takes. */
  #retire(connection: Connection): void {
    this.#heartbeats.delete(connection);
    const { cohort } = connection;
    cohort?.remove(connection);
    if (cohort?.size === 0) {
      this.cohorts.delete(cohort);
      this.#events.emit('unwatched', cohort);
    }
  }

  #beat(connections: ReadonlySet<Connection>): void {
    const frames = new HeartbeatFrames(this.#log, this.#clock.now());
    for (const connection of connections) {
      this.rounds.serveOne(connection);
      if (!connection.isOpen) {
        continue;
      }
      const chunk = frames.of(connection);
      connection.write(chunk);
      if (connection.outlet.writableLength > 0) {
        this.backpressure.written(connection, chunk);
      }
    }
  }

  #closed(connection: Connection, onClose: OnClose): void {
    connection.reason ??= 'client';
    this.#retire(connection);
    this.#connections.delete(connection);
    this.backpressure.delete(connection);
    this.#leases.delete(connection);
    this.#ages.delete(connection);
    connection.wake?.();
    this.closed[connection.reason]++;
    onClose(connection.summary(this.#clock.elapsed()));
    if (this.#connections.size === 0) {
      this.#events.emit('empty');
    }
  }
}
