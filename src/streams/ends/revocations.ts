import type { Connection } from '../connection.js';

interface Listening {
  readonly connections: Set<Connection>;
  readonly stop: () => void;
}

/** Which connections end with which signal. However many share a signal, it has one listener, until the last has left. */
export class Revocations {
  readonly #revoke: (connection: Connection) => void;
  readonly #bySignal = new Map<AbortSignal, Listening>();

  constructor(revoke: (connection: Connection) => void) {
    this.#revoke = revoke;
  }

  /** From now on, or here and now, the connection is revoked when the signal is aborted. */
  add(signal: AbortSignal, connection: Connection): void {
    if (signal.aborted) {
      this.#revoke(connection);
      return;
    }
    const listening = this.#bySignal.get(signal) ?? this.#listen(signal);
    listening.connections.add(connection);
    connection.revoked = signal;
  }

  delete(connection: Connection): void {
    const { revoked: signal } = connection;
    const listening = signal && this.#bySignal.get(signal);
    listening?.connections.delete(connection);
    if (signal && listening?.connections.size === 0) {
      listening.stop();
      this.#bySignal.delete(signal);
    }
  }

  #listen(signal: AbortSignal): Listening {
    const connections = new Set<Connection>();
    const onAbort = () => connections.forEach(this.#revoke);
    signal.addEventListener('abort', onAbort);
    const listening = { connections, stop: () => signal.removeEventListener('abort', onAbort) };
    this.#bySignal.set(signal, listening);
    return listening;
  }
}
