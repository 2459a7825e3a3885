import type { Outlet, Sink } from '../../src/streams/sinks/sink.js';

interface Pending {
  chunk: Buffer;
  readonly sent: (() => void) | undefined;
}

/** A sink in memory that sends what the test lets it send. */
export class TestSink implements Sink, Outlet {
  /** False: nothing is sent until `drain` is called. */
  isFlowing = true;
  /** How it ended: properly, with everything sent, or cut off. */
  state: 'open' | 'ended' | 'destroyed' = 'open';
  unsent = 0;
  /** When something of what is unsent was last sent, or began to wait. */
  stillSince = 0;
  readonly outlet = this;
  /** Every chunk as it was written, the very same objects. */
  readonly chunks: Buffer[] = [];
  #pending: Pending[] = [];
  #received: (chunk: Buffer) => void;
  readonly #elapsed: () => number;
  #closed: () => void = () => {};
  #isEnding = false;

  /**
   * @param received takes what has been sent, as it would arrive at the other end
   * @param elapsed the test's time, ms
   */
  constructor(received: (chunk: Buffer) => void, elapsed = () => 0) {
    this.#received = received;
    this.#elapsed = elapsed;
  }

  get writableLength(): number {
    return this.unsent;
  }

  write(chunk: Buffer, sent?: () => void): void {
    if (this.#isEnding) {
      throw new Error('write after end');
    }
    if (this.state === 'destroyed') {
      return;
    }
    if (this.unsent === 0) {
      this.stillSince = this.#elapsed();
    }
    this.chunks.push(chunk);
    this.#pending.push({ chunk, sent });
    this.unsent += chunk.length;
    if (this.isFlowing) {
      this.drain();
    }
  }

  end(last: Buffer): void {
    this.write(last);
    this.#isEnding = true;
    this.#finish();
  }

  destroy(): void {
    if (this.state === 'open') {
      this.#pending = [];
      this.#close('destroyed');
    }
  }

  onClose(listener: () => void): void {
    this.#closed = listener;
  }

  /** Sends the next so many bytes. */
  drain(bytes = Number.POSITIVE_INFINITY): void {
    let left = bytes;
    for (let next = this.#pending[0]; next !== undefined && left > 0; next = this.#pending[0]) {
      const part = next.chunk.subarray(0, left);
      next.chunk = next.chunk.subarray(part.length);
      left -= part.length;
      this.unsent -= part.length;
      this.stillSince = this.#elapsed();
      this.#received(part);
      if (next.chunk.length === 0) {
        this.#pending.shift();
        next.sent?.();
      }
    }
    this.#finish();
  }

  #finish(): void {
    if (this.#isEnding && this.#pending.length === 0 && this.state === 'open') {
      this.#close('ended');
    }
  }

  /** A socket's `close` comes in a later turn too. */
  #close(state: 'ended' | 'destroyed'): void {
    this.state = state;
    setImmediate(() => this.#closed());
  }
}
