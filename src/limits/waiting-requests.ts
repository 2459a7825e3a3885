import type { Socket } from 'node:net';

/** Requests of a connection, with the bytes of their headers, and how often they were found not to have moved. */
interface Waiting {
  count: number;
  bytes: number;
  still: number;
  readonly forget: () => void;
}

/** The requests that wait, by connection, for the answers to those before them. */
export class WaitingRequests {
  readonly #bySocket = new Map<Socket, Waiting>();

  /** One more waits, on a connection that is open. @returns what its connection has wait then */
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
    waiting.still = 0;
    if (waiting.count === 0) {
      socket.off('close', waiting.forget);
      this.#bySocket.delete(socket);
    }
  }

  /** Cuts the connections on which nothing has moved since the last time. @returns how many */
  giveUp(): number {
    const late = [...this.#bySocket].filter(([, waiting]) => waiting.still++ > 0);
    for (const [socket] of late) {
      socket.destroy();
    }
    return late.length;
  }

  #begin(socket: Socket): Waiting {
    const forget = () => this.#bySocket.delete(socket);
    const waiting = { count: 0, bytes: 0, still: 0, forget };
    socket.once('close', forget);
    this.#bySocket.set(socket, waiting);
    return waiting;
  }
}
