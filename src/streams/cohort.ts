import type { Format } from '../events/frame.js';
import type { Connection } from './connection.js';
import type { Selection } from './selection.js';

/**
 * The connections with the same selection in the same format: they share the very same bytes. A turn's frames
 * are collected once here and go to each connection in one write.
 */
export class Cohort {
  readonly key: string;
  readonly selection: Selection;
  readonly format: Format;
  readonly #connections: Connection[] = [];
  /** The last batch it took a frame of, kept by the registry to count a batch's connections once. */
  batch = 0;
  #pending: Buffer[] = [];
  #events = 0;
  #bytes = 0;

  constructor(key: string, selection: Selection, format: Format) {
    this.key = key;
    this.selection = selection;
    this.format = format;
  }

  get size(): number {
    return this.#connections.length;
  }

  /** Bytes that a connection which was here from the start has been given. */
  get bytes(): number {
    return this.#bytes;
  }

  add(connection: Connection): void {
    connection.cohort = this;
    connection.index = this.#connections.push(connection) - 1;
    connection.count(-this.#events, -this.#bytes);
  }

  remove(connection: Connection): void {
    const last = this.#connections.pop();
    if (last !== undefined && last !== connection) {
      this.#connections[connection.index] = last;
      last.index = connection.index;
    }
    connection.cohort = undefined;
    connection.count(this.#events, this.#bytes);
  }

  /** Takes a frame for all; true when it is the first of this turn. */
  push(frame: Buffer): boolean {
    return this.#pending.push(frame) === 1;
  }

  /** Hands what was collected to `deliver`, once for each connection; returns the number of deliveries of events. */
  flush(deliver: (connection: Connection, chunk: Buffer) => void): number {
    const frames = this.#pending;
    const [only] = frames;
    if (only === undefined) {
      return 0;
    }
    this.#pending = [];
    const chunk = frames.length === 1 ? only : Buffer.concat(frames);
    const connections = this.#connections.length;
    // Backwards, because delivering to a slow connection takes it out.
    for (let i = connections - 1; i >= 0; i--) {
      deliver(this.#connections[i] as Connection, chunk);
    }
    this.#events += frames.length;
    this.#bytes += chunk.length;
    return frames.length * connections;
  }
}
