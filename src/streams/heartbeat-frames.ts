import { encodeControl, type Format } from '../events/frame.js';
import type { EventLog } from '../log/event-log.js';
import type { Connection } from './connection.js';

/** The heartbeats of one moment. Each carries the position served, so that an idle watcher's cursor moves on. */
export class HeartbeatFrames {
  readonly #log: EventLog;
  readonly #data: { readonly timestamp: number };
  /** Of those that are live. */
  readonly #live: Readonly<Record<Format, Buffer>>;

  constructor(log: EventLog, now: number) {
    this.#log = log;
    this.#data = { timestamp: now };
    this.#live = { plain: this.#encode('plain', log.head), envelope: this.#encode('envelope', log.head) };
  }

  /** @param connection if it is live, it has just been served */
  of({ cohort, format, position }: Connection): Buffer {
    return cohort === undefined ? this.#encode(format, position) : this.#live[format];
  }

  #encode(format: Format, pos: number): Buffer {
    return encodeControl(format, 'heartbeat', this.#data, { id: this.#log.cursorAt(pos) });
  }
}
