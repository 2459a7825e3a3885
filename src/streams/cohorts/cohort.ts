import { Buffer } from 'node:buffer';
import type { Format } from '../../events/frame.js';
import type { Selection } from '../../events/selection.js';
import type { Connection } from '../connection.js';
import { Ring } from './ring.js';

/** Called after a write of `chunk` to a connection of which something is unsent; it may take the connection out. */
export type Lagging = (connection: Connection, chunk: Buffer) => void;

/** What those get next who have been given a cohort's events up to `from`: the very same bytes. */
interface Portion {
  readonly from: number;
  readonly upTo: number;
  readonly chunk: Buffer;
}

/**
 * Connections with the same selection and format, which share the same bytes. They form a ring: each turn serves the next
 * few, each with all it lacks in one write. Walking the ring from `next`, nobody has been given less than the one before; so
 * an event may come in at any time, and goes round once.
 */
export class Cohort {
  readonly key: string;
  readonly selection: Selection;
  readonly format: Format;
  /** The last batch it took a frame of, kept by the fan-out to count a batch's connections once. */
  batch = 0;
  readonly #ring = new Ring();
  /** The newest frames: those that somebody may not have been given yet. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** The last one given: most ask for the same. */
  #portion: Portion | undefined;
  #events = 0;
  #bytes = 0;

  constructor(key: string, selection: Selection, format: Format) {
    this.key = key;
    this.selection = selection;
    this.format = format;
  }

  get size(): number {
    return this.#ring.size;
  }

  /** Events that somebody may not have been given yet. */
  get waitingEvents(): number {
    return this.#waiting.length;
  }

  /** Bytes of their frames. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Takes a connection in that has everything so far. */
  add(connection: Connection): void {
    connection.cohort = this;
    // One for all: each request came with its own, of half a kilobyte.
    connection.selection = this.selection;
    connection.served = this.#events;
    connection.count(-this.#events, -this.#bytes);
    this.#ring.add(connection);
  }

  remove(connection: Connection): void {
    connection.count(connection.served, this.bytesOf(connection));
    connection.cohort = undefined;
    this.#ring.delete(connection);
  }

  /** Bytes that a connection would have been given so far, had it been here from the start. */
  bytesOf(connection: Connection): number {
    return this.#after(connection.served).reduce((bytes, { length }) => bytes - length, this.#bytes);
  }

  /** Takes a frame for all. */
  push(frame: Buffer): void {
    this.#events++;
    this.#bytes += frame.length;
    this.#waitingBytes += frame.length;
    this.#waiting.push(frame);
  }

  /**
   * Serves those whose turn it is, until all have everything or `most` connections have been served.
   * @returns the number of deliveries of events
   */
  serve(most: number, lagging: Lagging): number {
    let deliveries = 0;
    for (let left = most; left > 0; left--) {
      const connection = this.#ring.next;
      if (connection === undefined || connection.served === this.#events) {
        break;
      }
      this.#ring.next = connection.next;
      deliveries += give(connection, this.#portionAfter(connection.served), lagging);
    }
    this.#forget();
    return deliveries;
  }

  /** Serves one whose turn it need not be; its next comes after everybody else's. */
  serveOne(connection: Connection, lagging: Lagging): number {
    if (connection.served === this.#events) {
      return 0;
    }
    this.#ring.delete(connection);
    this.#ring.add(connection);
    return give(connection, this.#portionAfter(connection.served), lagging);
  }

  #after(served: number): readonly Buffer[] {
    const given = this.#waiting.length - (this.#events - served);
    return given === 0 ? this.#waiting : this.#waiting.slice(given);
  }

  #portionAfter(from: number): Portion {
    if (this.#portion?.from !== from || this.#portion.upTo !== this.#events) {
      const frames = this.#after(from);
      const [first] = frames;
      const chunk = first !== undefined && frames.length === 1 ? first : Buffer.concat(frames);
      this.#portion = { from, upTo: this.#events, chunk };
    }
    return this.#portion;
  }

  /** Lets go of what all have been given. */
  #forget(): void {
    const wanted = this.#events - (this.#ring.next?.served ?? this.#events);
    if (wanted === 0) {
      this.#waiting = [];
      this.#waitingBytes = 0;
      this.#portion = undefined;
      return;
    }
    for (const frame of this.#waiting.splice(0, this.#waiting.length - wanted)) {
      this.#waitingBytes -= frame.length;
    }
  }
}

function give(connection: Connection, { from, upTo, chunk }: Portion, lagging: Lagging): number {
  connection.served = upTo;
  connection.outlet.write(chunk);
  if (connection.outlet.writableLength > 0) {
    lagging(connection, chunk);
  }
  return upTo - from;
}
