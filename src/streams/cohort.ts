import type { Format } from '../events/frame.js';
import type { Connection } from './connection.js';
import type { Selection } from './selection.js';
import type { Outlet } from './sink.js';

/**
 * The connections with the same selection in the same format: they share the very same bytes. The frames of a
 * delivery are collected once here and go to each connection in one write.
 */
export class Cohort {
  readonly key: string;
  readonly selection: Selection;
  readonly format: Format;
  readonly #connections: Connection[] = [];
  /** Their outlets in the same order: a delivery touches no other object of ours, which counts when 15,000 leave the caches. */
  readonly #outlets: Outlet[] = [];
  /** The last batch it took a frame of, kept by the fan-out to count a batch's connections once. */
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
    // One for all: each request came with its own, of half a kilobyte.
    connection.selection = this.selection;
    connection.index = this.#connections.push(connection) - 1;
    this.#outlets.push(connection.sink.outlet);
    connection.count(-this.#events, -this.#bytes);
  }

  remove(connection: Connection): void {
    const [last, outlet] = [this.#connections.pop(), this.#outlets.pop()];
    if (last !== undefined && outlet !== undefined && last !== connection) {
      this.#connections[connection.index] = last;
      this.#outlets[connection.index] = outlet;
      last.index = connection.index;
    }
    connection.cohort = undefined;
    connection.count(this.#events, this.#bytes);
  }

  /** Takes a frame for all; true when it is the first that waits. */
  push(frame: Buffer): boolean {
    return this.#pending.push(frame) === 1;
  }

  /**
   * Writes what was collected, once for each connection.
   * @param lagging called for each of which something is unsent; it may take the connection out
   * @returns the number of deliveries of events
   */
  flush(lagging: (connection: Connection, chunk: Buffer) => void): number {
    const frames = this.#pending;
    const [only] = frames;
    if (only === undefined) {
      return 0;
    }
    this.#pending = [];
    const chunk = frames.length === 1 ? only : Buffer.concat(frames);
    const connections = this.#connections.length;
    this.#events += frames.length;
    this.#bytes += chunk.length;
    // Backwards, because a slow connection is taken out.
    for (let i = connections - 1; i >= 0; i--) {
      const outlet = this.#outlets[i] as Outlet;
      outlet.write(chunk);
      if (outlet.writableLength > 0) {
        lagging(this.#connections[i] as Connection, chunk);
      }
    }
    return frames.length * connections;
  }
}
