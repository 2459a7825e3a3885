import type { Socket } from 'node:net';
import type { Clock } from '../clock.js';
import { PATIENCE_MS } from './load.js';

/** Requests of a connection, with the bytes of their headers. */
interface Waiting {
  count: number;
  bytes: number;
  readonly since: number;
  readonly forget: () => void;
}

/** The requests that wait, by connection, for the answers to those before them. */
export class WaitingRequests {
  readonly #clock: Clock;
  readonly #bySocket = new Map<Socket, Waiting>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** One more waits. @returns what its connection has wait then */
  enter(socket: Socket, bytes: number): { readonly count: number; readonly bytes: number } {
    const waiting = this.#bySocket.get(socket) ?? this.#begin(socket);
    waiting.count++;
    waiting.bytes += bytes;
    return waiting;
  }

  /** One waits no longer. */
  leave(socket: Socket, bytes: number): void {
    const waiting = this.#bySocket.get(socket);
    if (waiting === undefined) {
      return;
    }
    waiting.count--;
    waiting.bytes -= bytes;
    if (waiting.count === 0) {
      socket.off('close', waiting.forget);
      this.#bySocket.delete(socket);
    }
  }

  /** Cuts the connections on which requests have waited for a while. @returns how many */
  cut(): number {
    const before = this.#clock.elapsed() - PATIENCE_MS;
    const late = [...this.#bySocket].filter(([, { since }]) => since < before);
    for (const [socket] of late) {
      socket.destroy();
    }
    return late.length;
  }

  #begin(socket: Socket): Waiting {
    const forget = () => this.#bySocket.delete(socket);
    const waiting = { count: 0, bytes: 0, since: this.#clock.elapsed(), forget };
    socket.once('close', forget);
    this.#bySocket.set(socket, waiting);
    return waiting;
  }
}
