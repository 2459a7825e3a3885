import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Fault } from './faults.js';

/** A connection through the proxy: the client's socket, the hub's, and what happens between them. */
export class Line {
  readonly #near: Socket;
  readonly #far: Socket;
  /** Resolves when both sockets have closed. */
  readonly closed: Promise<unknown>;
  #passable = Promise.resolve();
  #thaw = () => {};

  /**
   * @param near towards the client
   * @param far towards the hub
   */
  constructor(near: Socket, far: Socket, up: Fault, down: Fault) {
    this.#near = near;
    this.#far = far;
    this.closed = Promise.all([near, far].map(closing));
    this.#carry(near, far, up);
    this.#carry(far, near, down);
  }

  /** From now on it neither reads nor writes, and neither end learns what becomes of the other. */
  freeze(): void {
    this.#passable = new Promise((resolve) => {
      this.#thaw = resolve;
    });
  }

  /** Goes on where it froze, with everything that happened at its ends meanwhile. */
  thaw(): void {
    this.#thaw();
  }

  /** Ends both sides: `fin` as a proxy that stops does, `reset` as one that has crashed. */
  cut(how: 'reset' | 'fin'): void {
    for (const socket of [this.#near, this.#far]) {
      if (how === 'fin') {
        socket.destroySoon();
      } else if (socket.writableEnded) {
        // A reset while FIN is on its way fails, and Node leaves the socket open for ever.
        socket.destroy();
      } else {
        socket.resetAndDestroy();
      }
    }
  }

  async #carry(from: Socket, to: Socket, fault: Fault): Promise<void> {
    try {
      for await (const chunk of fault(from.iterator({ destroyOnReturn: false }), this)) {
        await this.#passable;
        if (to.writable && !to.write(chunk)) {
          await once(to, 'drain');
        }
      }
      await this.#passable;
      to.end();
    } catch {
      await this.#passable;
      this.cut('reset');
    }
  }
}

function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    // The line sees an error where it reads; this listener is for a socket that is only written to.
    socket.on('error', () => {}).once('close', () => resolve());
  });
}
